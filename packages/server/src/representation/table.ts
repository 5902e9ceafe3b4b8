// Tables: what `kubectl get` prints. Cells depend on the time (ages), so rows are made for every answer.
import type { KindStrategy, ResourceDefinition, RowCondition, TableColumn } from '@keelson/api'
import type { JsonValue, KubeObject } from '@keelson/apimachinery'
import type { CacheEntry } from '@keelson/storage'
import { encodePartialMetadata, partialMetadataOf } from './partial-metadata.ts'
import type { Representation } from './representation.ts'

/** The part of a registry that representations need. */
export interface RepresentedResource {
  readonly definition: ResourceDefinition
  readonly strategy: KindStrategy
}

/** The table up to and without its rows: `{"kind":"Table",…,"rows":[`. `listMetadata` is JSON. */
export function tableOpening(
  { definition }: RepresentedResource,
  { metaApiVersion }: Representation,
  listMetadata: string,
  withColumns: boolean,
): string {
  const columns = withColumns ? JSON.stringify(definition.columns.map(columnOf)) : 'null'
  return `{"kind":"Table","apiVersion":"${metaApiVersion}","metadata":${listMetadata},"columnDefinitions":${columns},"rows":[`
}

const columnOf = ({ name, type, format, description, priority }: TableColumn): TableColumn => ({
  name,
  type,
  format,
  description,
  priority,
})

export const TABLE_CLOSING = ']}'

/** Upstream's printer of kinds without columns of their own makes no list for no rows, and Go writes that as null. */
export function hasNullRows({ definition }: RepresentedResource): boolean {
  const [name, created, ...more] = definition.columns
  return name?.name === 'Name' && created?.name === 'Created At' && more.length === 0
}

/** One row of a cached object. */
export function tableRow(
  resource: RepresentedResource,
  representation: Representation,
  entry: CacheEntry,
  now: Date,
): Buffer {
  const object = parseObject(entry.json)
  const shown =
    representation.includeObject === 'None'
      ? null
      : representation.includeObject === 'Object'
        ? entry.json
        : partialMetadataOf(entry, representation.metaApiVersion)
  return rowOf(resource, object, now, shown)
}

/** One row of an object that is not in the cache: a write's answer. */
export function tableRowOf(
  resource: RepresentedResource,
  representation: Representation,
  object: KubeObject,
  json: Buffer,
  now: Date,
): Buffer {
  const shown =
    representation.includeObject === 'None'
      ? null
      : representation.includeObject === 'Object'
        ? json
        : encodePartialMetadata(json, representation.metaApiVersion)
  return rowOf(resource, object, now, shown)
}

/** The row of a bookmark: that of an object with nothing in it but a revision. */
export function bookmarkRow(resource: RepresentedResource, metadata: string, representation: Representation): Buffer {
  const object = `{"kind":"PartialObjectMetadata","apiVersion":"${representation.metaApiVersion}","metadata":${metadata}}`
  return encodeRow(emptyCells(resource), [], representation.includeObject === 'None' ? null : Buffer.from(object))
}

/** The zero values of upstream's empty object; a kind whose row needs more than that shows nothing. */
function emptyCells(resource: RepresentedResource): JsonValue[] {
  try {
    return cellsOf(resource, { kind: resource.definition.kind, apiVersion: '', metadata: {} }, new Date())
  } catch {
    return resource.definition.columns.map(({ type }) => (type === 'integer' ? 0 : ''))
  }
}

function rowOf(resource: RepresentedResource, object: KubeObject, now: Date, shown: Buffer | null): Buffer {
  return encodeRow(cellsOf(resource, object, now), resource.strategy.rowConditions?.(object) ?? [], shown)
}

function encodeRow(cells: readonly JsonValue[], conditions: readonly RowCondition[], shown: Buffer | null): Buffer {
  const said = conditions.length === 0 ? '' : `"conditions":${JSON.stringify(conditions)},`
  const head = `{"cells":${JSON.stringify(cells)},${said}"object":`
  return shown === null ? Buffer.from(`${head}null}`) : Buffer.concat([Buffer.from(head), shown, CLOSING_BRACE])
}

const CLOSING_BRACE = Buffer.from('}')

function cellsOf({ definition, strategy }: RepresentedResource, object: KubeObject, now: Date): JsonValue[] {
  if (strategy.row !== undefined) return strategy.row(object, now)
  // A kind without columns of its own: its name and when it was made.
  const { name = '', creationTimestamp } = object.metadata
  return definition.columns.map((_, index) =>
    index === 0 ? name : index === 1 ? (creationTimestamp ?? '<unknown>') : '',
  )
}

function parseObject(json: Buffer): KubeObject {
  // The registry checked the object before it was stored.
  return JSON.parse(json.toString()) as KubeObject
}
