// JSON bodies in: JSON.parse for the value, one pass over the text for what JSON.parse does not say (depth, repeated
// members, integers that a double cannot hold). What is malformed is said in encoding/json's words.
import type { JsonValue } from '../types.ts'
import { DecodeError, type DecodeOptions, type Decoded, MAX_DEPTH } from './decoded.ts'
import { scanJson } from './json-scan.ts'

const NO_DUPLICATES: readonly string[] = []

/**
 * Throws DecodeError. A repeated member's last value wins. Integers beyond ±(2^53−1) that fit in 64 bits are refused:
 * they could not be given back as they came.
 */
export function decodeJson(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  const text = textOf(bytes)
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue // JSON.parse gives nothing else.
  } catch {
    // Says why in Go's words; where the two parsers disagree, the scan is content and this one is not.
    scanJson(bytes, MAX_DEPTH)
    throw new DecodeError('invalid JSON')
  }
  const found = survey(bytes)
  if (found.depth > MAX_DEPTH || found.longNumbers) {
    return { value, duplicates: scanJson(bytes, MAX_DEPTH) }
  }
  // Equal counts mean that no member was lost to a repetition: the usual case costs no path bookkeeping.
  if (options.findDuplicates !== true || found.members === countMembers(value))
    return { value, duplicates: NO_DUPLICATES }
  return { value, duplicates: scanJson(bytes, MAX_DEPTH) }
}

/** Compact JSON, members in the order of the object. */
export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

interface Survey {
  depth: number
  /** Colons outside strings: one a member. */
  members: number
  /** A run of 16 digits or an exponent of three: the number may not be what a double says. */
  longNumbers: boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/** Of valid JSON. Bytes, not characters: 0.9 ns each against 2.8 for a string fresh from a buffer. */
function survey(bytes: Uint8Array): Survey {
  let depth = 0
  let deepest = 0
  let members = 0
  let digits = 0
  let longNumbers = false
  const { length } = bytes
  for (let index = 0; index < length; index++) {
    const byte = bytes[index]!
    if (byte === QUOTE) {
      for (index++; bytes[index] !== QUOTE; index++) if (bytes[index] === BACKSLASH) index++
    } else if (byte >= 0x30 && byte <= 0x39) {
      if (++digits === 16) longNumbers = true
      continue
    } else if (byte === COLON) members++
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) deepest = depth
    } else if (byte === 0x7d || byte === 0x5d) depth--
    else if ((byte === 0x65 || byte === 0x45) && digits > 0) longNumbers = true
    digits = 0
  }
  return { depth: deepest, members, longNumbers }
}

/** Recursion is bounded: the caller has checked the depth. */
function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) count += countMembers(value[index]!)
    return count
  }
  for (const key in value) {
    const member = value[key]!
    count += typeof member === 'object' ? 1 + countMembers(member) : 1
  }
  return count
}
