// What is merged or compared, in the version of the request and in the others that managers have used.
import { cloneJson, isJsonObject } from '../json-tree.ts'
import { type Comparison, compareObjects } from '../structured-merge/compare.ts'
import type { FieldType } from '../structured-merge/field-type.ts'
import { type FieldFilter, filterFields } from '../structured-merge/filter.ts'
import type { JsonObject, KubeObject } from '../types.ts'

/** How the fields of one resource (or subresource) are managed in one of its versions. */
export interface FieldManagement {
  readonly type: FieldType
  readonly apiVersion: string
  /** '' for the resource itself. */
  readonly subresource: string
  /** The kind's object with nothing in it: what a new object is compared with. Never changed. */
  readonly empty: KubeObject
  /** What a write here can own. */
  readonly filter: FieldFilter | undefined
  /** The kind in another version; undefined when there is no such version: its managers are forgotten. */
  typeIn(apiVersion: string): FieldType | undefined
  /** An object of its own in a version that typeIn knows; the argument is used up. */
  convert(object: KubeObject, apiVersion: string): KubeObject
}

/** An object and its type in one version. */
export interface Versioned {
  readonly object: JsonObject
  readonly type: FieldType
}

/** managedFields do not manage themselves. */
export function unmanaged(object: KubeObject): JsonObject {
  const tree = object as JsonObject // An API object is a JSON tree.
  const { metadata } = tree
  if (!isJsonObject(metadata) || metadata['managedFields'] === undefined) return tree
  const { managedFields: _managedFields, ...others } = metadata
  return { ...tree, metadata: others }
}

/** Undefined: no such version. */
export function inVersion(object: KubeObject, apiVersion: string, management: FieldManagement): Versioned | undefined {
  const type = apiVersion === management.apiVersion ? management.type : management.typeIn(apiVersion)
  if (type === undefined) return undefined
  const isThere = object.apiVersion === apiVersion
  return { object: unmanaged(isThere ? object : management.convert(cloneJson(object), apiVersion)), type }
}

/** Comparisons of the same two objects, made once for each version that is asked for. Undefined: no such version. */
export class Comparisons {
  readonly #before: KubeObject
  readonly #after: KubeObject
  readonly #management: FieldManagement
  readonly #made = new Map<string, Comparison | undefined>()

  constructor(before: KubeObject, after: KubeObject, management: FieldManagement) {
    this.#before = before
    this.#after = after
    this.#management = management
  }

  /** StructuredMergeError. */
  in(apiVersion: string): Comparison | undefined {
    if (!this.#made.has(apiVersion)) this.#made.set(apiVersion, this.#compare(apiVersion))
    return this.#made.get(apiVersion)
  }

  #compare(apiVersion: string): Comparison | undefined {
    const { filter } = this.#management
    const before = inVersion(this.#before, apiVersion, this.#management)
    const after = inVersion(this.#after, apiVersion, this.#management)
    if (before === undefined || after === undefined) return undefined
    const { added, modified, removed } = compareObjects(before.object, after.object, before.type)
    return {
      added: filterFields(added, filter),
      modified: filterFields(modified, filter),
      removed: filterFields(removed, filter),
    }
  }
}
