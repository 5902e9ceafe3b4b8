// CustomResourceDefinitions: what kube-apiserver 1.36.3 said of definitions that were made at random, and what is done to good ones.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { JsonObject, JsonValue } from '@keelson/apimachinery'
import { strategyOf, findKind } from '../../table.ts'
import { schemaFor } from '../../schema/index.ts'
import { type Outcome, runChange, runCreate } from '../testing/recorded-case.ts'

interface Refusal {
  readonly input: JsonObject
  readonly causes: Outcome['causes']
}

// The file is data of this shape.
const refusals = JSON.parse(
  readFileSync(new URL('../testdata/refused-definitions.json', import.meta.url), 'utf8'),
) as Refusal[]

/** Upstream walks maps in any order. */
const inOrder = (causes: Outcome['causes']): string[] =>
  causes.map((cause) => JSON.stringify(Object.values(cause))).toSorted()

test('what upstream refuses is refused with its causes', () => {
  for (const { input, causes } of refusals)
    assert.deepEqual(inOrder(runCreate(input, '').causes), inOrder(causes), JSON.stringify(input))
})

interface Sketch {
  readonly schema?: JsonValue
  readonly spec?: JsonObject
  readonly metadata?: JsonObject
  readonly status?: JsonObject
}

const definition = ({ schema = { type: 'object' }, spec = {}, metadata = {}, status }: Sketch = {}): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.a.example', ...metadata },
  spec: {
    group: 'a.example',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    ...spec,
  },
  ...(status === undefined ? {} : { status }),
})

const messages = (causes: Outcome['causes']): string[] => causes.map(({ field, message }) => `${field}: ${message}`)

test('names and conversion have defaults, and the stored version is written down', () => {
  const { stored, causes } = runCreate(definition({ status: { storedVersions: ['v9'] } }), '')
  assert.deepEqual(causes, [])
  const { spec, status } = stored as { spec: JsonObject; status: JsonObject } // As the kind has them.
  assert.deepEqual(spec['names'], { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' })
  assert.deepEqual(spec['conversion'], { strategy: 'None' })
  assert.deepEqual(status, { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] })
})

const established = { conditions: [{ type: 'Established', status: 'True' }], storedVersions: ['v1'] }

test('kind and scope are fixed once a definition is established', () => {
  const change = { names: { plural: 'things', kind: 'Thingy' }, scope: 'Cluster' }
  assert.deepEqual(
    runChange({ old: definition({ status: { storedVersions: ['v1'] } }), next: definition({ spec: change }) }),
    [],
  )
  const causes = runChange({ old: definition({ status: established }), next: definition({ spec: change }) })
  assert.deepEqual(messages(causes), [
    'spec.scope: Invalid value: "Cluster": field is immutable',
    'spec.names.kind: Invalid value: "Thingy": field is immutable',
  ])
})

test('what was wrong before may stay, and is refused when it is new', () => {
  const set = (nullable: boolean): JsonValue => ({
    type: 'object',
    properties: {
      list: {
        type: 'array',
        'x-kubernetes-list-type': 'set',
        items: { type: 'string', ...(nullable ? { nullable } : {}) },
      },
    },
  })
  const wrong = definition({ schema: set(true), status: established })
  assert.deepEqual(runChange({ old: wrong, next: wrong }), [])
  const causes = runChange({ old: definition({ schema: set(false), status: established }), next: wrong })
  assert.match(messages(causes).join(), /cannot be nullable when x-kubernetes-list-type is set/)
})

test('a group of Kubernetes itself needs an approval, that may stay as it is', () => {
  const inGroup = (approval?: string): JsonObject =>
    definition({
      metadata: {
        name: 'things.x.k8s.io',
        ...(approval ? { annotations: { 'api-approved.kubernetes.io': approval } } : {}),
      },
      spec: { group: 'x.k8s.io' },
      status: established,
    })
  assert.match(
    messages(runCreate(inGroup(), '').causes).join(),
    /^metadata.annotations\[api-approved.kubernetes.io\]: Required value: /,
  )
  assert.match(
    messages(runCreate(inGroup('because'), '').causes).join(),
    /either a URL or a reason starting with "unapproved"/,
  )
  for (const approval of ['https://github.com/x', 'unapproved, for tests'])
    assert.deepEqual(runCreate(inGroup(approval), '').causes, [])
  assert.deepEqual(runChange({ old: inGroup(), next: inGroup() }), [])
})

test('formats that nothing is known about are warned of once they are new', () => {
  const kind = findKind({ group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' })
  assert.ok(kind)
  const decode = (format: string) =>
    schemaFor(kind).decode(definition({ schema: { type: 'object', properties: { a: { type: 'string', format } } } }))
      .object
  const { warnings } = strategyOf(kind)
  assert.deepEqual(warnings?.(decode('colour'), undefined), ['unrecognized format "colour"'])
  assert.deepEqual(warnings?.(decode('colour'), decode('colour')), [])
  assert.deepEqual(warnings?.(decode('date-time'), undefined), [])
})

test('expressions of rules are compiled against the schema that they stand in', () => {
  const size = { type: 'integer' }
  const withRules = (...rules: JsonObject[]): JsonObject =>
    definition({ schema: { type: 'object', properties: { size }, 'x-kubernetes-validations': rules } })
  const causesOf = (...rules: JsonObject[]): string[] => messages(runCreate(withRules(...rules), '').causes)
  const good: JsonObject[] = [
    { rule: 'self.size > 1 && self.metadata.name != ""', messageExpression: 'self.size > 9 ? "big" : "small"' },
    { rule: 'oldSelf.?size.orValue(1) == 1', optionalOldSelf: true },
  ]
  assert.deepEqual(causesOf(...good), [])
  const [unknown = ''] = causesOf({ rule: 'self.nope == 1' })
  assert.match(unknown, /x-kubernetes-validations\[0\].rule: Invalid value: \{"Rule":"self.nope == 1",/)
  assert.match(unknown, /compilation failed: ERROR: <input>:1:5: undefined field 'nope'/)
  assert.match(causesOf({ rule: 'self.size' }).join(), /cel expression must evaluate to a bool$/)
  assert.match(
    causesOf({ rule: 'true', messageExpression: '1' }).join(),
    /messageExpression must evaluate to a string$/,
  )
  assert.match(
    causesOf({ rule: 'true', optionalOldSelf: true }).join(),
    /may not be set if oldSelf is not used in rule$/,
  )
})

test('items of a list that is no map have no old value', () => {
  const items = { type: 'string', maxLength: 9, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] }
  const { causes } = runCreate(
    definition({ schema: { type: 'object', properties: { l: { type: 'array', maxItems: 9, items } } } }),
    '',
  )
  assert.deepEqual(messages(causes), [
    'spec.validation.openAPIV3Schema.properties[l].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[l]',
  ])
})

test('a version without a name is a version still', () => {
  const version = (name: string, schema: JsonValue): JsonObject => ({
    name,
    served: true,
    storage: name !== '',
    schema,
  })
  const versions = [version('v1', { openAPIV3Schema: { type: 'object' } }), version('', { openAPIV3Schema: {} })]
  const found = messages(runCreate(definition({ spec: { versions } }), '').causes)
  assert.match(found.join('\n'), /^spec\.versions\[1\]\.schema\.openAPIV3Schema\.type: Required value/m)
})
