// A cached object as a tree. What it shares with others (its fieldsV1) is not parsed again, and is the same set in all of them:
// so the next write compares it by identity and does not encode it.
import { randomUUID } from 'node:crypto'
import { type JsonObject, type KubeObject, setOfSharedText } from '@keelson/apimachinery'
import type { CacheEntry, JsonParts } from '@keelson/storage'
import { parseStored } from './cached-resource.ts'

/** An object of its own, but for those sets, which are frozen. Throws as parseStored does. */
export function parseEntry(entry: CacheEntry): KubeObject {
  const { key, parts } = entry
  if (parts !== undefined) {
    const object = parseStored(key, ownText(parts))
    if (placeSets(object, parts)) return object
  }
  return parseStored(key, entry.json)
}

/** Stands for a shared part in the text that is parsed; nobody else can know it. */
const PLACE = randomUUID()

/** With a placeholder for each shared part. */
function ownText({ own, shared }: JsonParts): string {
  let text = ''
  let start = 0
  for (const { at } of shared) {
    text += `${own.toString('utf8', start, at)}"${PLACE}"`
    start = at
  }
  return text + own.toString('utf8', start)
}

/** False: they are not all there. Something else in the object has the name. */
function placeSets({ metadata }: KubeObject, { shared }: JsonParts): boolean {
  let index = 0
  for (const entry of metadata.managedFields ?? []) {
    if (entry['fieldsV1'] !== PLACE) continue
    const part = shared[index++]
    if (part === undefined) return false
    entry['fieldsV1'] = setOfSharedText(part.bytes) as JsonObject // A set is JSON.
  }
  return index === shared.length
}
