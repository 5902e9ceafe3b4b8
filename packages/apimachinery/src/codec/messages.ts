// What a handler says about a body it cannot use, in the words of upstream's decoders.
import { goQuote } from '../go-text.ts'
import { type StatusError, badRequest } from '../status.ts'
import type { DecodeError } from './decoded.ts'

/** How much of a body is repeated in the message. */
const SUMMARY_BYTES = 30

/** Not a JSON object with readable apiVersion and kind: nothing is known of what it was meant to be. */
export function unrecognizedObject(kind: string, reason: string, body: Uint8Array): StatusError {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${reason} (${summarize(body)})`)
}

/** The body says (or is taken to be) `sent` in `version`, and cannot become a `kind`: wrong types, wrong kind, strict errors. */
export function cannotBeHandled(sent: string, version: string, kind: string, reason: string): StatusError {
  return badRequest(`${sent} in version ${goQuote(version)} cannot be handled as a ${kind}: ${reason}`)
}

/** `reason` of unrecognizedObject for a JSON body that does not parse. */
export const versionAndKindUnreadable = (error: DecodeError): string =>
  `couldn't get version/kind; json parse error: ${error.message}`

/** The type encoding/json names when the top of a body is not an object, or when apiVersion or kind are not strings. */
const VERSION_AND_KIND_TYPE = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`

/**
 * Checks what upstream reads first. Returns the reason for unrecognizedObject, undefined when the top is an object (or
 * null, which reads as an empty one) whose apiVersion and kind are strings or absent.
 */
export function versionAndKindProblem(value: unknown): string | undefined {
  const mismatch = (found: unknown, target: string): string =>
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeName(found)} into Go ${target}`
  if (value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value))
    return mismatch(value, `value of type ${VERSION_AND_KIND_TYPE}`)
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown } // An object; its members are checked here.
  if (!isStringOrAbsent(apiVersion)) return mismatch(apiVersion, 'struct field .apiVersion of type string')
  if (!isStringOrAbsent(kind)) return mismatch(kind, 'struct field .kind of type string')
  return undefined
}

const isStringOrAbsent = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string'

/** encoding/json's name for what stands in the text; numbers are repeated by some messages, and are not here. */
export function jsonTypeName(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return value === null ? 'null' : typeof value
}

/**
 * The error of fieldValidation=Strict: `duplicates` as decodeJson or decodeYaml gave them, `unknown` such as
 * `unknown field "spec.replicaz"`.
 */
export function strictDecodingError(duplicates: readonly string[], unknown: readonly string[]): string {
  const [first] = duplicates
  const fromYaml = first !== undefined && first.startsWith('line ')
  const head = fromYaml ? [`yaml: unmarshal errors:\n${duplicates.map((line) => `  ${line}`).join('\n')}`] : duplicates
  return `strict decoding error: ${[...head, ...unknown].join(', ')}`
}

function summarize(body: Uint8Array): string {
  if (body.length === 0) return '<empty>'
  const bytes = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, SUMMARY_BYTES))
  const tail = body.length > SUMMARY_BYTES ? ' ...' : ''
  return (body[0] === 0x7b ? bytes.toString('utf8') : bytes.toString('hex')) + tail
}
