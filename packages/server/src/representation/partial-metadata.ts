// PartialObjectMetadata: an object's metadata and nothing else, cut out of its encoded JSON without parsing it.
import type { ObjectMeta } from '@keelson/apimachinery'
import type { CacheEntry } from '@keelson/storage'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d
/** Kinds with annotations that are fields of upstream's own type, and are not in its metadata: by how their JSON begins. */
const WITH_FIELDS_IN_ANNOTATIONS: readonly (readonly [start: Buffer, annotations: string])[] = [
  [Buffer.from('{"kind":"DaemonSet","apiVersion":"apps/'), 'deprecated.daemonset.template.generation'],
  [Buffer.from('{"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1"'), 'autoscaling.alpha.kubernetes.io/'],
]

const METADATA = Buffer.from('"metadata":{')

/** Made once per object version and meta version, and dropped with the entry. */
export function partialMetadataOf(entry: CacheEntry, metaApiVersion: string): Buffer {
  const name = `partial/${metaApiVersion}`
  const known = entry.representations?.get(name)
  if (known !== undefined) return known
  const made = encodePartialMetadata(entry.json, metaApiVersion)
  entry.representations ??= new Map()
  entry.representations.set(name, made)
  return made
}

export function encodePartialMetadata(json: Buffer, metaApiVersion: string): Buffer {
  const head = `{"kind":"PartialObjectMetadata","apiVersion":"${metaApiVersion}","metadata":`
  const metadata = metadataBytes(json)
  const made = Buffer.allocUnsafeSlow(head.length + metadata.length + 1)
  made.write(head, 0, 'latin1')
  metadata.copy(made, head.length)
  made[made.length - 1] = CLOSE
  return made
}

/** The bytes of `metadata`'s value, as other representations show it. */
export function metadataBytes(json: Buffer): Buffer {
  const found = WITH_FIELDS_IN_ANNOTATIONS.find(([start]) => json.subarray(0, start.length).equals(start))
  const bytes = valueOfMetadata(json)
  if (found === undefined || !bytes.includes(found[1])) return bytes
  const metadata = JSON.parse(bytes.toString()) as ObjectMeta // Of an object that is stored.
  const others = Object.entries(metadata.annotations ?? {}).filter(([name]) => !name.startsWith(found[1]))
  delete metadata.annotations
  if (others.length > 0) metadata.annotations = Object.fromEntries(others)
  return Buffer.from(JSON.stringify(metadata))
}

/** Keelson encodes it right after kind and apiVersion; other orders are parsed. */
function valueOfMetadata(json: Buffer): Buffer {
  // Kind and apiVersion are short: the first `"metadata":{` within them is the object's own.
  const at = json.indexOf(METADATA)
  if (at < 0 || at > 256) return Buffer.from(JSON.stringify(JSON.parse(json.toString()).metadata ?? {}))
  const start = at + METADATA.length - 1
  let depth = 0
  for (let index = start; index < json.length; index++) {
    const byte = json[index]
    if (byte === QUOTE) {
      index = endOfString(json, index)
    } else if (byte === OPEN) {
      depth++
    } else if (byte === CLOSE && --depth === 0) {
      return json.subarray(start, index + 1)
    }
  }
  throw new Error('an encoded object ends inside its metadata')
}

/** Index of the quote that closes the string opened at `index`. */
function endOfString(json: Buffer, index: number): number {
  let end = json.indexOf(QUOTE, index + 1)
  while (end >= 0) {
    let backslashes = 0
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
    end = json.indexOf(QUOTE, end + 1)
  }
  return json.length
}
