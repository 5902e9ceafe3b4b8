import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type JsonObject, fieldErrorText } from '@keelson/apimachinery'
import { builtinResources } from '../table.ts'
import { schemaFor, schemaOfKind } from './index.ts'

function errorsOf(group: string, kind: string, fields: JsonObject): string[] {
  const schema = schemaOfKind({ group, version: 'v1', kind })
  assert.ok(schema)
  return schema.validate(schema.decode({ metadata: { name: 'x' }, ...fields }).object).map(fieldErrorText)
}

test('required fields, wherever they are', () => {
  assert.deepEqual(errorsOf('storage.k8s.io', 'StorageClass', {}), ['provisioner: Required value'])
  const rules = [{ apiGroups: [''], resources: ['pods'] }]
  assert.deepEqual(errorsOf('rbac.authorization.k8s.io', 'ClusterRole', { rules }), ['rules[0].verbs: Required value'])
})

test('a required list may be empty where upstream lets it', () => {
  assert.deepEqual(errorsOf('storage.k8s.io', 'CSINode', { spec: { drivers: [] } }), [])
})

test('enums, where a value was sent', () => {
  const webhook = {
    name: 'a.b.c',
    clientConfig: { url: 'https://a' },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  }
  const errors = errorsOf('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration', {
    webhooks: [{ ...webhook, failurePolicy: 'Maybe' }, webhook],
  })
  assert.deepEqual(errors, [
    'webhooks[0].failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"',
  ])
})

test('status is not looked at: controllers write it', () => {
  for (const definition of builtinResources()) {
    const schema = schemaFor(definition)
    const { object } = schema.decode({ status: {} })
    for (const error of schema.validate(object)) assert.doesNotMatch(error.field, /^status/)
  }
})
