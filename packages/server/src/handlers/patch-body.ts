// The body of a PATCH, and what becomes of an object by it.
import { type KindSchema, ObjectDecodeError } from '@keelson/api'
import {
  type JsonObject,
  type JsonPatchType,
  type JsonValue,
  type KubeObject,
  StatusError,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  cloneJson,
  compareBytes,
  decodePatch,
  equalJson,
  fieldInvalid,
  goValue,
  invalid,
  isJsonObject,
  patchMediaType,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { type ApplyPatch, readApply } from './apply-body.ts'
import { reportStrictErrors } from './decode-body.ts'
import { keepManagedFieldsReset } from './managed-fields-reset.ts'
import { checkObjectName } from './object-name.ts'
import { type WriteOptions, parseWriteOptions } from './write-options.ts'

export interface JsonPatch {
  readonly type: JsonPatchType
  readonly value: JsonValue
  readonly options: WriteOptions
  /** Members that stand twice in the body. */
  readonly duplicates: readonly string[]
}

export type Patch = JsonPatch | ApplyPatch

/** StatusError 415 for another media type, 400 for what is no patch of the type, 422 for the query. */
export async function readPatch(context: RequestContext): Promise<Patch> {
  const type = patchMediaType(context.headers['content-type'])
  if (type === 'application/apply-patch+yaml') return readApply(context)
  const body = await context.readBody()
  const options = parseWriteOptions(context.query, 'PatchOptions')
  const { value, duplicates } = decodePatch(type, body, options.fieldValidation !== 'Ignore')
  return { type, value, options, duplicates }
}

/** `current` is not changed. StatusError in upstream's words for a patch that does not fit the object or its schema. */
export function patchedObject(
  context: RequestContext,
  patch: JsonPatch,
  current: KubeObject,
  schema: KindSchema,
): KubeObject {
  const { fieldValidation } = patch.options
  const refuse = (reason: string): StatusError => invalidPatch(patch, current, schema, reason)
  const patched = applyPatch(patch, current, schema)
  let decoded
  try {
    decoded = schema.decode(patched, {
      reportUnknown: fieldValidation !== 'Ignore',
      fromTree: patch.type === 'application/strategic-merge-patch+json',
    })
  } catch (error) {
    if (error instanceof ObjectDecodeError) throw refuse(error.detail)
    throw error
  }
  reportStrictErrors(context, fieldValidation, patch.duplicates, decoded.unknown, refuse)
  keepManagedFieldsReset(patched, decoded.object)
  const { name, namespace } = context.info
  checkObjectName(decoded.object, name, current.metadata.namespace === undefined ? '' : namespace)
  return decoded.object
}

function applyPatch({ type, value }: JsonPatch, current: KubeObject, schema: KindSchema): JsonValue {
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
function invalidPatch(patch: JsonPatch, current: KubeObject, schema: KindSchema, reason: string): StatusError {
  const isStrategic = patch.type === 'application/strategic-merge-patch+json'
  const shown = isStrategic ? goValue(patch.value) : patchedText(patch, current, schema)
  return invalid({ group: '', kind: '' }, '', [fieldInvalid('patch', shown, reason)])
}

/** As upstream prints it: members in the order of the kind's fields, and sorted where the patch has been at work. */
function patchedText(patch: JsonPatch, current: KubeObject, schema: KindSchema): string {
  const before = schema.decode(cloneJson(current) as JsonObject).object as JsonObject // An API object is a JSON tree.
  const after = applyPatch(patch, current, schema)
  return JSON.stringify(
    patch.type === 'application/merge-patch+json' ? mergedText(before, after, patch.value) : changedText(before, after),
  )
}

/** After a JSON patch: what was not touched stays as it was, and so does what the patch brought. */
function changedText(before: JsonValue | undefined, after: JsonValue): JsonValue {
  if (equalJson(before, after)) return before ?? after
  if (Array.isArray(before) && Array.isArray(after)) {
    return after.map((item, index) => before.find((each) => equalJson(each, item)) ?? changedText(before[index], item))
  }
  if (!isJsonObject(before) || !isJsonObject(after)) return after
  return inKeyOrder(after, (name, member) => changedText(before[name], member))
}

/** After a merge patch: what the patch does not name stays as it was. */
function mergedText(before: JsonValue | undefined, after: JsonValue, patch: JsonValue | undefined): JsonValue {
  if (patch === undefined) return before ?? after
  if (Array.isArray(after)) return after.map((item) => mergedText(undefined, item, item))
  if (!isJsonObject(after)) return after
  const [old, change] = [isJsonObject(before) ? before : {}, isJsonObject(patch) ? patch : {}]
  return inKeyOrder(after, (name, member) => mergedText(old[name], member, change[name]))
}

function inKeyOrder(object: JsonObject, show: (name: string, member: JsonValue) => JsonValue): JsonObject {
  const members = Object.keys(object)
    .toSorted(compareBytes)
    .map((name) => [name, show(name, object[name] ?? null)])
  return Object.fromEntries(members) as JsonObject // From entries of one.
}
