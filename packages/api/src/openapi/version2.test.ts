import assert from 'node:assert/strict'
import { test } from 'node:test'
import { servedResources } from '../served.ts'
import { encodeVersion2 } from './gnostic-version2.ts'
import { openApiVersion2 } from './version2.ts'
import { toDefinition } from './version2-definition.ts'

const everything = servedResources()

test('a definition refers directly, has no default, and calls what may be several types a string', () => {
  assert.deepEqual(
    toDefinition({
      type: 'object',
      required: ['a'],
      properties: {
        a: { description: 'A.', default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.A' }] },
        b: { type: 'array', items: { default: '', type: 'string' }, 'x-kubernetes-list-type': 'atomic' },
        c: { type: 'object', additionalProperties: { allOf: [{ $ref: '#/components/schemas/io.k8s.C' }] } },
        d: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
      },
    }),
    {
      type: 'object',
      required: ['a'],
      properties: {
        a: { description: 'A.', $ref: '#/definitions/io.k8s.A' },
        b: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' },
        c: { type: 'object', additionalProperties: { $ref: '#/definitions/io.k8s.C' } },
        d: { format: 'int-or-string', type: 'string' },
      },
    },
  )
})

test('every type is defined, and refers to types that are', async () => {
  const text = String(await openApiVersion2(everything, 'json'))
  const { definitions } = JSON.parse(text)
  assert.deepEqual(definitions['io.k8s.api.apps.v1.Deployment']['x-kubernetes-group-version-kind'], [
    { group: 'apps', kind: 'Deployment', version: 'v1' },
  ])
  const referred = new Set([...text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(([, name = '']) => name))
  assert.ok(referred.size > 300)
  assert.deepEqual(
    [...referred].filter((name) => !Object.hasOwn(definitions, name)),
    [],
  )
})

test('paths are those of all v3 documents; parameters that many have are said once', async () => {
  const { paths, parameters } = JSON.parse(String(await openApiVersion2(everything, 'json')))
  assert.equal(Object.keys(paths).length, 408)
  const pods = paths['/api/v1/namespaces/{namespace}/pods']
  assert.deepEqual(pods.post.consumes, ['*/*'])
  assert.deepEqual(pods.post.parameters.at(-1), {
    name: 'body',
    in: 'body',
    required: true,
    schema: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' },
  })
  for (const { $ref: reference } of pods.get.parameters)
    assert.equal(parameters[reference.replace('#/parameters/', '')].in, 'query')
})

test('a definition in protobuf has the fields of gnostic-models', () => {
  const encoded = encodeVersion2.definition('A', {
    type: 'array',
    items: { $ref: '#/definitions/B' },
    enum: ['x'],
  })
  const any = field(2, hex('"x"'))
  const reference = field(1, hex('#/definitions/B'))
  const schema = field(22, field(1, hex('array'))) + field(23, field(1, reference)) + field(20, any)
  assert.equal(encoded.toString('hex'), field(1, field(1, hex('A')) + field(2, schema)))
})

const hex = (text: string): string => Buffer.from(text).toString('hex')

/** A length-delimited field of less than 128 bytes, in hexadecimal digits. */
function field(number: number, content: string): string {
  const tag = number < 16 ? [number * 8 + 2] : [((number * 8 + 2) & 0x7f) | 0x80, number >> 4]
  return Buffer.from([...tag, content.length / 2]).toString('hex') + content
}
