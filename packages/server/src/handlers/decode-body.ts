// From the bytes of a body to an object of one kind: JSON or YAML, the right kind and version, no unknown fields that the
// client wanted to hear of.
import { type KindSchema, decodeProtobufObject, findKind } from '@keelson/api'
import {
  DecodeError,
  type Decoded,
  type GroupVersionKind,
  type JsonValue,
  type KubeObject,
  type MediaType,
  PROTOBUF,
  apiVersionOf,
  badRequest,
  bodyMediaType,
  cannotBeHandled,
  decodeJson,
  decodeProtobufEnvelope,
  goQuote,
  parseApiVersion,
  strictDecodingError,
  unrecognizedObject,
  versionAndKindProblem,
  versionAndKindUnreadable,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { yamlBodies } from '../yaml/yaml-bodies.ts'
import { keepManagedFieldsReset } from './managed-fields-reset.ts'
import { type FieldValidation, yieldsForBody } from './write-options.ts'

/** Reads the body as an object of the schema's kind. StatusError 400, 413 or 415. Warnings go to the client. */
export async function readObject(
  context: RequestContext,
  schema: KindSchema,
  fieldValidation: FieldValidation,
): Promise<KubeObject> {
  const mediaType = bodyMediaType(context.headers['content-type'])
  return decodeObject(context, { mediaType, bytes: await context.readBody() }, schema, fieldValidation)
}

export interface Body {
  readonly mediaType: MediaType
  readonly bytes: Buffer
}

/** The same for a body that was read. */
export async function decodeObject(
  context: RequestContext,
  { mediaType, bytes: body }: Body,
  schema: KindSchema,
  fieldValidation: FieldValidation,
): Promise<KubeObject> {
  const { kind, version } = schema.kind
  const yieldTurn = yieldsForBody(context)
  const isStrict = fieldValidation !== 'Ignore'
  const { value, duplicates } =
    mediaType === PROTOBUF
      ? parseProtobuf(body, schema.kind)
      : await parseBody(body, mediaType === 'application/yaml', kind, isStrict)
  const problem = versionAndKindProblem(value)
  if (problem !== undefined) throw unrecognizedObject(kind, problem, body)
  checkKind(value ?? {}, schema.kind)
  await yieldTurn?.()
  const { object, unknown } = schema.decode(value ?? {}, {
    reportUnknown: isStrict,
    fromYaml: mediaType === 'application/yaml',
  })
  reportStrictErrors(context, fieldValidation, duplicates, unknown, (reason) =>
    cannotBeHandled(kind, version, kind, reason),
  )
  keepManagedFieldsReset(value, object)
  await yieldTurn?.()
  // A body may leave both out: the path says what it is.
  object.kind = kind
  object.apiVersion = apiVersionOf(schema.kind.group, version)
  return object
}

/** An envelope that cannot be read is told by its bytes; what is in it, by what it says it is. */
function parseProtobuf(body: Buffer, expected: GroupVersionKind): Decoded {
  const { kind, version } = expected
  const apiVersion = apiVersionOf(expected.group, version)
  const envelope = ifDecodable(
    () => decodeProtobufEnvelope(body),
    (reason) => unrecognizedObject(kind, reason, body),
  )
  // Upstream takes an apiVersion of too many parts for none.
  const said = { ...envelope, apiVersion: parseApiVersion(envelope.apiVersion) ? envelope.apiVersion : '' }
  checkKind({ kind: said.kind, apiVersion: said.apiVersion }, expected)
  const value = ifDecodable(
    () => decodeProtobufObject(said, { apiVersion, kind }),
    (reason) => cannotBeHandled(kind, version, kind, reason),
  )
  return { value, duplicates: [] }
}

function ifDecodable<T>(decode: () => T, refuse: (reason: string) => Error): T {
  try {
    return decode()
  } catch (error) {
    throw error instanceof DecodeError ? refuse(error.message) : error
  }
}

/** Strict: throws what `refuse` makes. Warn: a warning each. */
export function reportStrictErrors(
  context: RequestContext,
  fieldValidation: FieldValidation,
  duplicates: readonly string[],
  unknown: readonly string[],
  refuse: (reason: string) => Error,
): void {
  if (duplicates.length === 0 && unknown.length === 0) return
  if (fieldValidation === 'Strict') throw refuse(strictDecodingError(duplicates, unknown))
  if (fieldValidation === 'Ignore') return
  for (const duplicate of duplicates) context.addWarning(duplicate)
  for (const field of unknown) context.addWarning(field)
}

async function parseBody(body: Buffer, isYaml: boolean, kind: string, findDuplicates: boolean): Promise<Decoded> {
  try {
    return isYaml ? await yamlBodies.decode(body, { findDuplicates }) : decodeJson(body, { findDuplicates })
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw unrecognizedObject(kind, isYaml ? error.message : versionAndKindUnreadable(error), body)
  }
}

/** Bodies of a version that is no longer served, and is read all the same. */
const SAME_AS: ReadonlyMap<string, string> = new Map([['policy/v1beta1/Eviction', 'policy/v1']])

/** What the body says of itself, where it says something, must be the kind and version of the path. */
function checkKind(value: JsonValue, expected: GroupVersionKind): void {
  const said = value as { kind?: string; apiVersion?: string } // versionAndKindProblem has looked at both.
  const kind = said.kind || expected.kind
  const expectedVersion = apiVersionOf(expected.group, expected.version)
  const apiVersion = SAME_AS.get(`${said.apiVersion}/${kind}`) ?? (said.apiVersion || expectedVersion)
  if (kind === expected.kind && apiVersion === expectedVersion) return
  const version = parseApiVersion(apiVersion) ?? { group: '', version: apiVersion }
  const isRegistered =
    findKind({ ...version, kind }) !== undefined || isListKind(version, kind) || isMetaKind(kind, apiVersion)
  if (!isRegistered) {
    const reason = `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`
    throw cannotBeHandled(kind, version.version, expected.kind, reason)
  }
  if (kind === expected.kind && goPackage(version.group) === goPackage(expected.group)) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expectedVersion})`,
    )
  }
  const reason = `converting (${version.version}.${kind}) to (${goPackage(expected.group)}.${expected.kind}): unknown conversion`
  throw cannotBeHandled(kind, version.version, expected.kind, reason)
}

/** Kinds that upstream registers in every version. */
const META_KINDS: ReadonlySet<string> = new Set(['DeleteOptions', 'ListOptions', 'Status', 'WatchEvent'])

const isListKind = (version: { readonly group: string; readonly version: string }, kind: string): boolean =>
  kind.endsWith('List') && findKind({ ...version, kind: kind.slice(0, -'List'.length) }) !== undefined

const isMetaKind = (kind: string, apiVersion: string): boolean => apiVersion === 'v1' && META_KINDS.has(kind)

/** The Go package of a group's types, as messages print it. */
function goPackage(group: string): string {
  if (group === '' || group === 'events.k8s.io') return 'core'
  return group.split('.', 1)[0] ?? group
}
