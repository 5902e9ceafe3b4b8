// The body of a PATCH, and what becomes of an object by it.
import { type DecodedObject, type KindSchema, ObjectDecodeError } from '@keelson/api'
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
  goJson,
  goValue,
  invalid,
  isJsonObject,
  patchMediaType,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { type ApplyPatch, readApply } from './apply-body.ts'
import { kindProblem } from './body-kind.ts'
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
  const fromTree = patch.type === 'application/strategic-merge-patch+json'
  const decode = (tree: JsonValue): DecodedObject =>
    schema.decode(tree, { reportUnknown: fieldValidation !== 'Ignore', fromTree })
  const patched =
    !fromTree && RAW_JSON.has(schema.kind.kind)
      ? patchedInTextOrder(patch, current, schema)
      : applyPatch(patch, current, schema)
  let decoded
  try {
    decoded = decode(patched)
    // Upstream tells them in the order of its text.
    if (!fromTree && decoded.unknown.length > 1) decoded = decode(patchedInTextOrder(patch, current, schema))
  } catch (error) {
    if (!(error instanceof ObjectDecodeError)) throw error
    throw refuse(fromTree ? error.detail : firstProblem(decode, patchedInTextOrder(patch, current, schema)))
  }
  reportStrictErrors(context, fieldValidation, patch.duplicates, decoded.unknown, refuse)
  keepKind(decoded.object, current, schema, fromTree ? undefined : refuse)
  keepManagedFieldsReset(patched, decoded.object)
  const { name, namespace } = context.info
  checkObjectName(decoded.object, name, current.metadata.namespace === undefined ? '' : namespace)
  return decoded.object
}

/** A strategic merge does not look at what the patch makes of the kind; of the others' text it must be the object's. */
function keepKind(
  patched: KubeObject,
  { kind, apiVersion }: KubeObject,
  { kind: expected }: KindSchema,
  refuse?: (reason: string) => StatusError,
): void {
  const problem = refuse && kindProblem(patched, expected)
  if (problem?.isOtherVersion === false) throw refuse?.(problem.reason)
  patched.kind = kind
  patched.apiVersion = apiVersion
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

/** Kinds that hold JSON as the text that it came in: the order of its members is a part of it. */
const RAW_JSON: ReadonlySet<string> = new Set([
  'ControllerRevision',
  'DeviceClass',
  'ResourceClaim',
  'ResourceClaimTemplate',
])

function firstProblem(decode: (tree: JsonValue) => unknown, tree: JsonValue): string {
  try {
    decode(tree)
  } catch (error) {
    if (error instanceof ObjectDecodeError) return error.detail
    throw error
  }
  throw new Error('an object that could not be decoded can be, with its members in another order')
}

/** Upstream shows what the patch made of the object; of a strategic merge, the patch. */
function invalidPatch(patch: JsonPatch, current: KubeObject, schema: KindSchema, reason: string): StatusError {
  const isStrategic = patch.type === 'application/strategic-merge-patch+json'
  const shown = isStrategic
    ? goValue(usedUp(patch.value, current as JsonObject)) // An API object is a JSON tree.
    : goJson(patchedInTextOrder(patch, current, schema))
  return invalid({ group: '', kind: '' }, '', [fieldInvalid('patch', shown, reason)])
}

/** Merging leaves traces in upstream's patch: nulls in what the object did not have are gone. */
function usedUp(patch: JsonValue, current: JsonValue | undefined): JsonValue {
  if (!isJsonObject(patch)) return Array.isArray(patch) && !Array.isArray(current) ? withoutNulls(patch) : patch
  if (!isJsonObject(current)) return withoutNulls(patch)
  const members = Object.entries(patch).map(([name, member]) => [name, usedUp(member, current[name])])
  return Object.fromEntries(members) as JsonObject // From entries of one.
}

function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]))
}

/** As upstream prints it: members in the order of the kind's fields, and sorted where the patch has been at work. */
function patchedInTextOrder(patch: JsonPatch, current: KubeObject, schema: KindSchema): JsonValue {
  const before = schema.decode(cloneJson(current) as JsonObject).object as JsonObject // An API object is a JSON tree.
  const after = applyPatch(patch, current, schema)
  return patch.type === 'application/merge-patch+json'
    ? mergedText(before, after, patch.value)
    : changedText(before, after, visitedBy(patch.value), '')
}

/** Pointers to every map and list that the operations went through on their way to their places, and what they compared. */
function visitedBy(operations: JsonValue): ReadonlySet<string> {
  const visited = new Set<string>()
  for (const operation of Array.isArray(operations) ? operations : []) {
    if (!isJsonObject(operation)) continue
    for (const pointer of [operation['path'], operation['from']]) {
      if (typeof pointer !== 'string') continue
      for (let end = pointer.indexOf('/'); end !== -1; end = pointer.indexOf('/', end + 1))
        visited.add(pointer.slice(0, end))
      if (operation['op'] === 'test') visited.add(pointer)
    }
  }
  return visited
}

/** After a JSON patch: what was not gone through stays as it was, and so does what the patch brought. */
function changedText(
  before: JsonValue | undefined,
  after: JsonValue,
  visited: ReadonlySet<string>,
  pointer: string,
): JsonValue {
  const isVisited = visited.has(pointer)
  if (!isVisited && equalJson(before, after)) return before ?? after
  const memberOf = (name: string | number): string =>
    `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
  if (Array.isArray(before) && Array.isArray(after)) {
    return after.map((item, index) => {
      const old =
        isVisited && equalJson(before[index], item) ? before[index] : before.find((each) => equalJson(each, item))
      return changedText(old ?? before[index], item, visited, memberOf(index))
    })
  }
  if (!isJsonObject(before) || !isJsonObject(after)) return after
  return inKeyOrder(after, (name, member) => changedText(before[name], member, visited, memberOf(name)))
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
