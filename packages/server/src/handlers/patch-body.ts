// The body of a PATCH, and what becomes of an object by it.
import { type KindSchema, ObjectDecodeError } from '@keelson/api'
import {
  type FieldError,
  type JsonObject,
  type JsonPatchType,
  type JsonValue,
  type KubeObject,
  StatusError,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  decodePatch,
  fieldInvalid,
  goValue,
  invalid,
  patchMediaType,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { reportStrictErrors } from './decode-body.ts'
import { checkObjectName } from './object-name.ts'
import { type WriteOptions, parseWriteOptions } from './write-options.ts'

export interface Patch {
  readonly type: JsonPatchType
  readonly value: JsonValue
  readonly options: WriteOptions
  /** Members that stand twice in the body. */
  readonly duplicates: readonly string[]
}

/** StatusError 415 for another media type, 400 for what is no patch of the type, 422 for the query. */
export async function readPatch(context: RequestContext): Promise<Patch> {
  const type = patchMediaType(context.headers['content-type'])
  if (type === 'application/apply-patch+yaml') throw applyNotServed()
  const body = await context.readBody()
  const options = parseWriteOptions(context.query, 'PatchOptions')
  const { value, duplicates } = decodePatch(type, body, options.fieldValidation !== 'Ignore')
  return { type, value, options, duplicates }
}

const applyNotServed = (): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    'server-side apply is not served; use a merge, strategic merge or JSON patch',
    {},
  )

/** `current` is not changed. StatusError in upstream's words for a patch that does not fit the object or its schema. */
export function patchedObject(
  context: RequestContext,
  patch: Patch,
  current: KubeObject,
  schema: KindSchema,
): KubeObject {
  const { fieldValidation } = patch.options
  const patched = applyPatch(patch, current, schema)
  let decoded
  try {
    decoded = schema.decode(patched, { reportUnknown: fieldValidation !== 'Ignore' })
  } catch (error) {
    if (error instanceof ObjectDecodeError) throw invalidPatch(patch, patched, error.detail)
    throw error
  }
  reportStrictErrors(context, fieldValidation, patch.duplicates, decoded.unknown, (reason) =>
    invalidPatch(patch, patched, reason),
  )
  const { name, namespace } = context.info
  checkObjectName(decoded.object, name, current.metadata.namespace === undefined ? '' : namespace)
  return decoded.object
}

function applyPatch({ type, value }: Patch, current: KubeObject, schema: KindSchema): JsonValue {
  const document = current as JsonObject // An API object is a JSON tree.
  switch (type) {
    case 'application/json-patch+json':
      return applyJsonPatch(document, value)
    case 'application/merge-patch+json':
      return applyMergePatch(document, value)
    case 'application/strategic-merge-patch+json':
      return applyStrategicMergePatch(document, value as JsonObject, schema.patchSchema()) // decodePatch gives no other value.
  }
}

/** Upstream shows what the patch made of the object; of a strategic merge, the patch. */
function invalidPatch({ type, value }: Patch, patched: JsonValue, reason: string): Error {
  const shown = type === 'application/strategic-merge-patch+json' ? goValue(value) : sortedJson(patched)
  const error: FieldError = fieldInvalid('patch', shown, reason)
  return invalid({ group: '', kind: '' }, '', [error])
}

/** The top level is a Go map there: its members are sorted. */
function sortedJson(value: JsonValue): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))))
}
