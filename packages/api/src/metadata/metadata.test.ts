import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FieldError, type ObjectMeta, fieldErrorText, nameIsDNSSubdomain } from '@keelson/apimachinery'
import { findResource } from '../table.ts'
import {
  generateName,
  metadataRulesOf,
  prepareMetadataForCreate,
  prepareMetadataForUpdate,
  validateMetadata,
  validateMetadataUpdate,
} from './index.ts'

const rules = { namespaced: true, validateName: nameIsDNSSubdomain, qualifiedFinalizers: true }
const texts = (errors: FieldError[]): string[] => errors.map(fieldErrorText)
const meta = (fields: ObjectMeta): ObjectMeta => ({ name: 'a', namespace: 'n', ...fields })

test('a name is required, and must fit the kind', () => {
  assert.deepEqual(texts(validateMetadata({ namespace: 'n' }, rules)), [
    'metadata.name: Required value: name or generateName is required',
  ])
  assert.match(
    texts(validateMetadata(meta({ name: 'A_B' }), rules))[0] ?? '',
    /^metadata\.name: Invalid value: "A_B": a lowercase RFC 1123 subdomain/,
  )
  assert.deepEqual(validateMetadata(meta({ name: 'a.b-c' }), rules), [])
})

test('the namespace follows the scope', () => {
  assert.deepEqual(texts(validateMetadata({ name: 'a' }, rules)), ['metadata.namespace: Required value'])
  const cluster = { ...rules, namespaced: false }
  assert.deepEqual(texts(validateMetadata(meta({}), cluster)), [
    'metadata.namespace: Forbidden: not allowed on this type',
  ])
})

test('labels and annotations are named by what is wrong in them', () => {
  const errors = texts(
    validateMetadata(meta({ labels: { 'bad key!': 'v', a: 'bad value!' }, annotations: { 'a b': '' } }), rules),
  )
  assert.match(errors[0] ?? '', /^metadata\.labels: Invalid value: "bad key!": name part must consist of/)
  assert.match(errors[1] ?? '', /^metadata\.labels: Invalid value: "bad value!": a valid label must be/)
  assert.match(errors[2] ?? '', /^metadata\.annotations: Invalid value: "a b": name part must consist of/)
  assert.equal(errors.length, 3)
})

test('label keys may have a prefix of labels with dots, and no odd dots', () => {
  assert.deepEqual(validateMetadata(meta({ labels: { 'app.kubernetes.io/name': 'x', 'a-b.c/d_e.F': '' } }), rules), [])
  for (const key of [
    'a..b/c',
    'a.-b/c',
    'a-.b/c',
    '-a/c',
    'a/b/c',
    '/c',
    'a/',
    `${'a'.repeat(254)}/b`,
    'a'.repeat(64),
  ]) {
    assert.notDeepEqual(validateMetadata(meta({ labels: { [key]: '' } }), rules), [], key)
  }
  assert.deepEqual(validateMetadata(meta({ labels: { [`${'a'.repeat(63)}.${'b'.repeat(63)}/c`]: '' } }), rules), [])
})

test('annotations may be 256 KiB together', () => {
  const errors = texts(validateMetadata(meta({ annotations: { a: 'x'.repeat(262_144) } }), rules))
  assert.deepEqual(errors, ['metadata.annotations: Too long: may not be more than 262144 bytes'])
  // Two bytes each: one of the key, 262,142 and one more are the limit.
  const text = 'é'.repeat(131_071)
  assert.deepEqual(texts(validateMetadata(meta({ annotations: { a: `${text}x` } }), rules)), [])
  assert.deepEqual(texts(validateMetadata(meta({ annotations: { a: `${text}xx` } }), rules)), errors)
})

test('owner references are checked one by one, and only one may be the controller', () => {
  const owner = { apiVersion: 'v1', kind: 'A', name: 'a', uid: '1', controller: true }
  assert.match(
    texts(validateMetadata(meta({ ownerReferences: [owner, { ...owner, name: 'b' }] }), rules))[0] ?? '',
    /Only one reference can have Controller set to true\. Found "true" in references for A\/a and A\/b$/,
  )
  assert.deepEqual(texts(validateMetadata(meta({ ownerReferences: [{ ...owner, name: '', uid: '' }] }), rules)), [
    'metadata.ownerReferences.name: Invalid value: "": must not be empty',
    'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
  ])
  assert.match(
    texts(validateMetadata(meta({ ownerReferences: [{ ...owner, kind: 'Event' }] }), rules))[0] ?? '',
    /disallowed from being an owner$/,
  )
})

test('finalizers have a domain or are standard', () => {
  assert.deepEqual(validateMetadata(meta({ finalizers: ['orphan', 'example.com/x'] }), rules), [])
  assert.deepEqual(texts(validateMetadata(meta({ finalizers: ['nodomain'] }), rules)), [
    'metadata.finalizers[0]: Invalid value: "nodomain": name is neither a standard finalizer name nor is it fully qualified',
  ])
})

test('an object that is being deleted takes no further finalizers; the cause is told twice', () => {
  const old = meta({ resourceVersion: '1', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a.b/c'] })
  const errors = texts(validateMetadataUpdate({ ...old, finalizers: ['a.b/c', 'a.b/new'] }, old, rules))
  const text =
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/new"}'
  assert.deepEqual(errors, [text, text])
  assert.deepEqual(validateMetadataUpdate({ ...old, finalizers: [] }, old, rules), [])
})

test('names and uids are immutable', () => {
  const old = meta({ resourceVersion: '1', uid: 'u' })
  assert.match(
    texts(validateMetadataUpdate({ ...old, uid: 'v' }, old, rules))[0] ?? '',
    /^metadata\.uid: Invalid value: "v": field is immutable$/,
  )
})

test('creation fills what the server owns and drops what others may not say', () => {
  const created: ObjectMeta = {
    generateName: 'web-',
    uid: 'mine',
  }
  prepareMetadataForCreate(created, 'n', new Date('2026-02-03T04:05:06.789Z'))
  assert.match(created.name ?? '', /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  assert.match(created.uid ?? '', /^[0-9a-f-]{36}$/)
  assert.equal(created.creationTimestamp, '2026-02-03T04:05:06Z')
  assert.equal(created.namespace, 'n')
})

test('an object of another namespace than the request’s is refused', () => {
  assert.throws(
    () => prepareMetadataForCreate({ name: 'a', namespace: 'm' }, 'n', new Date()),
    /does not match the namespace sent on the request/,
  )
})

test('generated names are never longer than 63', () => assert.equal(generateName('x'.repeat(80)).length, 63))

test('an update keeps what it cannot change', () => {
  const old = meta({
    uid: 'u',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 3,
    deletionTimestamp: '2026-01-02T00:00:00Z',
  })
  const next = meta({ creationTimestamp: '2020-01-01T00:00:00Z', generation: 9 })
  prepareMetadataForUpdate(next, old, 'n')
  assert.deepEqual(next, old)
})

const problemsOfName = (group: string, resource: string, name: string): string[] => {
  const definition = findResource(group, 'v1', resource)
  assert.ok(definition)
  return metadataRulesOf(definition, {}).validateName(name, false)
}

test('names of roles are free, names of most kinds are subdomains', () => {
  assert.deepEqual(problemsOfName('rbac.authorization.k8s.io', 'clusterroles', 'system:aggregate-to-admin'), [])
  assert.equal(problemsOfName('', 'podtemplates', 'system:aggregate-to-admin').length, 1)
  assert.equal(problemsOfName('apps', 'statefulsets', 'a.b').length, 1)
})

test('the name of an IPAddress is an address in canonical form', () => {
  const problems = (name: string): string[] => problemsOfName('networking.k8s.io', 'ipaddresses', name)
  assert.deepEqual(problems('10.0.0.1'), [])
  assert.deepEqual(problems('2001:db8::1'), [])
  assert.deepEqual(problems('10.0.0'), ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'])
  assert.deepEqual(problems('010.0.0.1'), ['must not have leading 0s'])
  assert.deepEqual(problems('::ffff:1.2.3.4'), ['must not be an IPv4-mapped IPv6 address'])
  assert.deepEqual(problems('fe80::0'), ['must be in canonical form ("fe80::")'])
})
