// From the bytes of a body to an object of one kind: JSON or YAML, the right kind and version, no unknown fields that the
// client wanted to hear of.
import { type KindSchema, decodeProtobufObject } from '@keelson/api'
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
  parseApiVersion,
  strictDecodingError,
  unrecognizedObject,
  versionAndKindProblem,
  versionAndKindUnreadable,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { yamlBodies } from '../yaml/yaml-bodies.ts'
import { kindProblem } from './body-kind.ts'
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

/** What the body says of itself, where it says something, must be the kind and version of the path. */
function checkKind(value: JsonValue, expected: GroupVersionKind): void {
  const problem = kindProblem(value as { kind?: string; apiVersion?: string }, expected) // versionAndKindProblem has looked at both.
  if (problem === undefined) return
  if (problem.isOtherVersion) {
    const wanted = apiVersionOf(expected.group, expected.version)
    throw badRequest(
      `the API version in the data (${problem.apiVersion}) does not match the expected API version (${wanted})`,
    )
  }
  throw cannotBeHandled(problem.kind, problem.version, expected.kind, problem.reason)
}
