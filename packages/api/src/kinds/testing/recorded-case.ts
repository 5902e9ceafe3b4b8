// Replays one recorded creation on the functions of a kind, without a server: what would be stored, and what is wrong.
import {
  type FieldError,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  fieldErrorBody,
  parseApiVersion,
} from '@keelson/apimachinery'
import {
  rulesForObject,
  metadataRulesOf,
  prepareMetadataForCreate,
  validateMetadata,
  withMetadataErrors,
} from '../../metadata/index.ts'
import type { ResourceDefinition } from '../../resource.ts'
import { schemaFor } from '../../schema/index.ts'
import { findKind, strategyOf } from '../../table.ts'

export interface Outcome {
  /** Without the metadata that is different each time. */
  readonly stored: JsonValue
  readonly causes: { readonly reason: string; readonly message: string; readonly field: string }[]
}

/** The recordings have `<uid>` and the like for what is different each time. */
const UID = '11111111-2222-4333-8444-555555555555'
const ANY_UID = '<uid>'
const ANY_AGE = '<age>'
const NOW = new Date('2026-01-01T00:00:00Z')
/** As the exchanges were recorded: whose certificate it was is told by its fingerprint. */
export const ADMINISTRATOR = { name: 'admin', uid: '', groups: ['system:masters', 'system:authenticated'], extra: {} }
const VOLATILE = ['uid', 'creationTimestamp'] as const

export function runCreate(input: JsonObject, namespace: string): Outcome {
  const definition = definitionOf(input)
  const strategy = strategyOf(definition)
  const { object } = schemaFor(definition).decode(structuredClone(input))
  strategy.default?.(object)
  prepareMetadataForCreate(object.metadata, definition.namespaced ? namespace : '', NOW)
  object.metadata.uid = UID
  if (strategy.hasStatus === true) delete object['status']
  if (strategy.hasGeneration === true) object.metadata.generation = 1
  strategy.prepareForCreate?.(object, { user: ADMINISTRATOR, now: NOW })
  const errors = [
    ...validateMetadata(object.metadata, rulesForObject(metadataRulesOf(definition, strategy), strategy, object)),
    ...(strategy.validate?.(object) ?? schemaFor(definition).validate(object)),
  ]
  for (const field of VOLATILE) delete object.metadata[field]
  return anonymous({ stored: asJson(object), causes: errors.map(asCause) })
}

export interface RecordedChange {
  readonly old: JsonObject
  readonly next: JsonObject
  /** The subresource; absent: the object itself. */
  readonly part?: 'status' | 'approval'
}

/** What is wrong with a change of a stored object. Both are without the metadata that the server sets. */
export function runChange({ old, next, part }: RecordedChange): Outcome['causes'] {
  const definition = definitionOf(old)
  const strategy = strategyOf(definition)
  const decode = (input: JsonObject): KubeObject => {
    const { object } = schemaFor(definition).decode(structuredClone(input))
    return object
  }
  const before = decode(old)
  const object = decode(next)
  strategy.default?.(object)
  const context = { user: ADMINISTRATOR, now: NOW }
  if (part === 'approval') {
    strategy.approval?.prepareForUpdate(object, before, context)
    return causesOf(strategy.approval?.validateUpdate(object, before) ?? [])
  }
  if (part === 'status') {
    for (const field of Object.keys(object))
      if (field !== 'status' && field !== 'metadata') object[field] = before[field]
    strategy.prepareForStatusUpdate?.(object, before, context)
    return causesOf(strategy.validateStatusUpdate?.(object, before) ?? [])
  }
  if (strategy.hasStatus === true) object['status'] = before['status']
  strategy.prepareForUpdate?.(object, before, context)
  const errors = strategy.validateUpdate?.(object, before) ?? strategy.validate?.(object)
  return causesOf(errors ?? schemaFor(definition).validate(object))
}

/** The cells of a stored object that is as old as the recordings say. */
export function rowOf(stored: JsonObject): JsonValue[] {
  const object = asObject(structuredClone(stored))
  object.metadata.creationTimestamp = NOW.toISOString()
  const seconds = 5
  const later = new Date(NOW.getTime() + seconds * 1000)
  const cells = strategyOf(definitionOf(stored)).row?.(object, later) ?? [object.metadata.name ?? '', ANY_TIME]
  return cells.map((cell) => (cell === `${seconds}s` ? ANY_AGE : cell))
}

/** Kinds without columns of their own show when they were made. */
const ANY_TIME = '<time>'

function definitionOf({ apiVersion, kind }: JsonObject): ResourceDefinition {
  const groupVersion = parseApiVersion(String(apiVersion))
  const definition = groupVersion && findKind({ ...groupVersion, kind: String(kind) })
  if (definition === undefined) throw new Error(`no such kind: ${String(apiVersion)} ${String(kind)}`)
  return definition
}

const asObject = (tree: JsonObject): KubeObject => tree as unknown as KubeObject // Recorded objects have all its fields.
const asJson = (object: KubeObject): JsonValue => JSON.parse(JSON.stringify(object)) as JsonValue // JSON by construction.

const anonymous = (outcome: Outcome): Outcome => JSON.parse(JSON.stringify(outcome).replaceAll(UID, ANY_UID)) as Outcome // The same tree.

/** Of the kind's own rules: without what is wrong with the metadata. */
const causesOf = (errors: readonly FieldError[]): Outcome['causes'] => withMetadataErrors(errors, () => []).map(asCause)

const asCause = (error: FieldError): Outcome['causes'][number] => ({
  reason: error.type,
  message: fieldErrorBody(error),
  field: error.field,
})
