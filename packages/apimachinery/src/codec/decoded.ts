// What decoding a body gives, and how it fails; shared by JSON and YAML.
import type { JsonValue } from '../types.ts'

/**
 * Upstream allows 10,000 levels; no API type comes near, and what walks a tree here recurses (structuredClone gives up
 * before 5,000). Deeper bodies are refused with upstream's message.
 */
export const MAX_DEPTH = 1000

export interface DecodeOptions {
  /** Look for members that stand twice in one object (fieldValidation Warn and Strict). */
  readonly findDuplicates?: boolean
}

export interface Decoded {
  readonly value: JsonValue
  /** Ready to print: `duplicate field "metadata.labels.a"`; from YAML `line 5: key "name" already set in map`. */
  readonly duplicates: readonly string[]
}

/** A body that is not JSON (or YAML), or that this server will not read: `message` is the parser's, as upstream words it. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** Upstream keeps 64-bit integers; a double does not, so what it would change is refused rather than changed. */
export const inexactInteger = (text: string): DecodeError =>
  new DecodeError(`number ${text} is out of the range of integers kept exactly (±9007199254740991)`)
