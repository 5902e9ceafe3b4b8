// How the fields of a registry's objects are managed: the types and versions that apimachinery's managed-fields works with.
import { emptiedLists, findKind, ownableFields, schemaFor } from '@keelson/api'
import {
  type FieldManagement,
  type FieldType,
  type KubeObject,
  apiVersionOf,
  parseApiVersion,
  trackUpdate,
} from '@keelson/apimachinery'
import { equalTrees } from './json-tree.ts'
import type { RegistryParts } from './parts.ts'
import type { WriteContext } from './types.ts'
import { conversionFrom, conversionTo } from './views/version-view.ts'

/** By subresource; made once for each registry. */
const managements = new WeakMap<RegistryParts, Map<string, FieldManagement>>()

export function fieldManagementOf(parts: RegistryParts, subresource: string): FieldManagement {
  let bySubresource = managements.get(parts)
  if (bySubresource === undefined) {
    bySubresource = new Map()
    managements.set(parts, bySubresource)
  }
  let management = bySubresource.get(subresource)
  if (management === undefined) {
    management = new RegistryFieldManagement(parts, subresource)
    bySubresource.set(subresource, management)
  }
  return management
}

class RegistryFieldManagement implements FieldManagement {
  readonly type: FieldType
  readonly apiVersion: string
  readonly subresource: string
  readonly empty: KubeObject
  readonly filter: FieldManagement['filter']
  readonly #parts: RegistryParts

  constructor(parts: RegistryParts, subresource: string) {
    const { definition } = parts
    this.#parts = parts
    this.type = schemaFor(definition).fieldType()
    this.apiVersion = apiVersionOf(definition.group, definition.version)
    this.subresource = subresource
    this.empty = emptyObjectOf(parts)
    this.filter = ownableFields(definition, subresource)
  }

  typeIn(apiVersion: string): FieldType | undefined {
    const { definition, view } = this.#parts
    if (apiVersion === this.apiVersion) return this.type
    const version = parseApiVersion(apiVersion)
    if (version === undefined || conversionTo(definition, view, apiVersion) === undefined) return undefined
    const other = findKind({ ...version, kind: definition.kind })
    return other && schemaFor(other).fieldType()
  }

  convert(object: KubeObject, apiVersion: string): KubeObject {
    const { definition, view } = this.#parts
    const convert =
      object.apiVersion === this.apiVersion
        ? conversionTo(definition, view, apiVersion)
        : conversionFrom(definition, view, object.apiVersion)
    if (convert === undefined) throw new Error(`no conversion of ${object.apiVersion} ${object.kind} to ${apiVersion}`)
    return { ...convert(object), apiVersion }
  }
}

const empties = new WeakMap<RegistryParts, KubeObject>()

/** The kind's object with nothing in it: what a new object is compared with. Never changed. */
export function emptyObjectOf(parts: RegistryParts): KubeObject {
  let empty = empties.get(parts)
  if (empty === undefined) {
    const { group, version, kind } = parts.definition
    empty = { ...schemaFor(parts.definition).decode({}).object, kind, apiVersion: apiVersionOf(group, version) }
    empties.set(parts, empty)
  }
  return empty
}

/** Sets next.metadata.managedFields after a create (`live` undefined), an update or a patch, unless the write is not tracked. */
export function trackFields(
  parts: RegistryParts,
  live: KubeObject | undefined,
  next: KubeObject,
  { fieldManager, subresource = '' }: WriteContext,
): void {
  if (fieldManager === undefined) return
  const management = fieldManagementOf(parts, subresource)
  const emptied = emptiedLists(next)
  for (const path of emptied) replaceAt(next, path, null, [])
  trackUpdate(live ?? management.empty, next, fieldManager, management, parts.now())
  for (const path of emptied) replaceAt(next, path, [], null)
}

/** In place, where the value is (as empty as) the one expected. */
function replaceAt(
  object: KubeObject,
  path: readonly (string | number)[],
  expected: [] | null,
  value: [] | null,
): void {
  let node: unknown = object
  for (const step of path.slice(0, -1)) node = isParent(node) ? node[step] : undefined
  const last = path.at(-1)
  if (last === undefined || !isParent(node)) return
  const found = node[last]
  if (expected === null ? found === null : Array.isArray(found) && found.length === 0) node[last] = value
}

const isParent = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === 'object' && value !== null

/** In place: a write that changes nothing but the times of managers keeps the old ones, and so changes nothing. */
export function keepTimes(next: KubeObject, old: KubeObject): void {
  const [entries, oldEntries] = [next.metadata.managedFields, old.metadata.managedFields]
  if (entries === undefined || oldEntries === undefined || entries.length !== oldEntries.length) return
  let isChanged = false
  for (const [index, entry] of entries.entries()) {
    const before = oldEntries[index] ?? {}
    if (entry === before) continue
    if (entry['time'] !== before['time']) isChanged = true
    if (!equalTrees({ ...entry, time: null }, { ...before, time: null })) return
  }
  if (!isChanged) return
  const others = { ...next, metadata: { ...next.metadata, managedFields: oldEntries } }
  if (equalTrees(others, old)) next.metadata.managedFields = oldEntries
}
