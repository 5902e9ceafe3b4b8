import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@keelson/apimachinery'
import { schemaOfKind } from './index.ts'
import { cloneDecoded, emptiedField, hasEmptied } from './emptied.ts'

const schema = schemaOfKind({ group: 'apps', version: 'v1', kind: 'ReplicaSet' })

interface Template {
  readonly metadata?: object
}

function decode(template: Template & Record<string, Record<string, object>>): Template {
  const object = schema?.decode({ spec: { template } } as unknown as JsonObject).object // JSON, as a client sends it.
  const { spec } = object as unknown as { spec: { template: Template } } // As it was sent.
  return spec.template
}

test('what was given and empty is left out, and known', () => {
  const template = decode({ metadata: { labels: {} } })
  assert.equal('labels' in (template.metadata ?? {}), false)
  assert.deepEqual(emptiedField(template.metadata, 'labels'), {})
  assert.equal(emptiedField(template.metadata, 'annotations'), null)
  assert.ok(hasEmptied(template))
  assert.ok(hasEmptied(cloneDecoded(template)))
})

test('what was filled in since is not empty', () => {
  const template = decode({ metadata: { labels: {} } })
  Object.assign(template.metadata ?? {}, { labels: { a: 'b' } })
  assert.equal(hasEmptied(template), false)
})
