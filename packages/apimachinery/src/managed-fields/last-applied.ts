// From client-side to server-side apply: what kubectl's annotation says it applied, it may change without a conflict; and the
// annotation, where there is one, follows what is applied.
import { byteLength } from '../validation/message.ts'
import { compareBytes, goJson } from '../go-text.ts'
import { cloneJson, isJsonObject } from '../json-tree.ts'
import { compareObjects } from '../structured-merge/compare.ts'
import { StructuredMergeError } from '../structured-merge/errors.ts'
import { fieldSetOf } from '../structured-merge/field-set-of.ts'
import { difference, hasField } from '../structured-merge/field-set.ts'
import { validateValue } from '../structured-merge/validate.ts'
import type { JsonObject, JsonValue, KubeObject } from '../types.ts'
import type { ApplyRequest } from './apply.ts'
import { unmanaged } from './versions.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const ANNOTATIONS_MAX_BYTES = 256 * 1024

/** Whether a field was applied from the client's side and is still as it was applied; undefined when nothing is known. */
export function allowedByLastApplied(
  live: KubeObject,
  { management: { type, apiVersion } }: ApplyRequest,
): ((path: readonly string[]) => boolean) | undefined {
  const applied = parse(live.metadata.annotations?.[LAST_APPLIED])
  if (applied === undefined || applied['apiVersion'] !== apiVersion) return undefined
  const current = unmanaged(live)
  if (validateValue(current, type).length > 0 || validateValue(applied, type).length > 0) return undefined
  try {
    const { added, modified, removed } = compareObjects(applied, current, type)
    const same = difference(difference(difference(fieldSetOf(applied, type), modified), added), removed)
    return (path) => hasField(same, path)
  } catch (error) {
    if (error instanceof StructuredMergeError) return undefined
    throw error
  }
}

function parse(text: string | undefined): JsonObject | undefined {
  if (text === undefined || text === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) && typeof value['kind'] === 'string' && value['kind'] !== '' ? value : undefined
  } catch {
    return undefined // Anybody may write into annotations: one that is no object allows nothing.
  }
}

/** In place, where the object has the annotation. */
export function syncLastApplied({ metadata }: KubeObject, wanted: JsonObject): void {
  const { annotations } = metadata
  if (annotations === undefined || !annotations[LAST_APPLIED]) return
  const text = `${goJson(sorted(withoutAnnotation(wanted)))}\n`
  const others = Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED)
  const bytes = others.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  metadata.annotations = Object.fromEntries(others)
  if (bytes + byteLength(LAST_APPLIED) + byteLength(text) <= ANNOTATIONS_MAX_BYTES) {
    metadata.annotations[LAST_APPLIED] = text
  }
}

function withoutAnnotation(wanted: JsonObject): JsonObject {
  const object = cloneJson(wanted)
  const { metadata } = object
  if (isJsonObject(metadata) && isJsonObject(metadata['annotations'])) delete metadata['annotations'][LAST_APPLIED]
  return object
}

/** As Go writes a map: keys in order. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const keys = Object.keys(value).toSorted(compareBytes)
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]))
}
