// Texts that stand in many objects alike are kept once: the fieldsV1 of managedFields, which is half of a Pod and the same in
// all Pods of one template. What a text says does not matter: an object is put together again byte by byte.
import { crc32 } from 'node:zlib'
import { JsonParts, type JsonSpan, type SharedPart } from '@keelson/storage'

const OPENING = Buffer.from('"fieldsV1":')
const [QUOTE, BACKSLASH, BRACE, END_BRACE] = [0x22, 0x5c, 0x7b, 0x7d]
/** Below it a part costs more than it saves. */
const MIN_BYTES = 256
/** Texts that are kept, and texts that were seen once and will be kept when they come again. */
const MAX_KEPT = 4_096
const MAX_SEEN = 16_384

/** Where the fieldsV1 objects of an object's JSON are, in order. In a string their name would be `\"fieldsV1\":`. */
export function fieldsSpans(json: Buffer): JsonSpan[] {
  const spans: JsonSpan[] = []
  for (let at = json.indexOf(OPENING); at >= 0; at = json.indexOf(OPENING, at)) {
    const start = at + OPENING.length
    const end = json[start] === BRACE ? endOfObject(json, start) : start
    if (end - start >= MIN_BYTES) spans.push({ start, end, shared: undefined })
    at = end
  }
  return spans
}

/** Past the brace that closes the one at `start`. */
function endOfObject(json: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < json.length; at++) {
    const byte = json[at]
    if (byte === QUOTE) {
      for (at++; at < json.length && json[at] !== QUOTE; at++) if (json[at] === BACKSLASH) at++
    } else if (byte === BRACE) depth++
    else if (byte === END_BRACE && --depth === 0) return at + 1
  }
  return start
}

/** The JSON without those objects: 0 stands for each. For whoever does not need managedFields, which take most of the time. */
export function textWithout(json: Buffer, spans: readonly JsonSpan[]): string {
  let text = ''
  let at = 0
  for (const { start, end } of spans) {
    text += `${json.toString('utf8', at, start)}0`
    at = end
  }
  return text + json.toString('utf8', at)
}

export class SharedTexts {
  readonly #kept = new Map<number, Buffer>()
  readonly #seen = new Set<number>()

  /** Takes out of `json` what other objects have, too. Undefined: nothing. The parts have memory of their own. */
  split(json: Buffer, spans: readonly JsonSpan[]): JsonParts | undefined {
    const shared: SharedPart[] = []
    const own: Buffer[] = []
    let at = 0
    let ownBytes = 0
    for (const { start, end, shared: known } of spans) {
      if (end - start < MIN_BYTES) continue
      const bytes = known ?? this.#shared(json.subarray(start, end))
      if (bytes === undefined) continue
      own.push(json.subarray(at, start))
      ownBytes += start - at
      shared.push({ at: ownBytes, bytes })
      at = end
    }
    if (shared.length === 0) return undefined
    own.push(json.subarray(at))
    return new JsonParts(Buffer.concat(own), shared)
  }

  /** Undefined when it is the first of its kind. */
  #shared(text: Buffer): Buffer | undefined {
    const key = crc32(text) + text.length * 2 ** 32
    const known = this.#kept.get(key)
    if (known !== undefined) {
      if (!known.equals(text)) return undefined
      // The least recently used is dropped first.
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known
    }
    if (!this.#seen.delete(key)) {
      this.#seen.add(key)
      if (this.#seen.size > MAX_SEEN) dropOldest(this.#seen)
      return undefined
    }
    const copy = Buffer.allocUnsafeSlow(text.length)
    text.copy(copy)
    this.#kept.set(key, copy)
    if (this.#kept.size > MAX_KEPT) dropOldest(this.#kept)
    return copy
  }
}

export function dropOldest<Key>(collection: Map<Key, unknown> | Set<Key>): void {
  const [oldest] = collection.keys()
  if (oldest !== undefined) collection.delete(oldest)
}
