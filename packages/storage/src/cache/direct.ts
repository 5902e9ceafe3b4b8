// Reads that the cache cannot answer: of a revision older than history, or while the cache is too far behind. The store
// answers, and what it says is decoded on the fly.
import type { Revision, Storage, StorageKey, StoredObject } from '../storage.ts'
import { toStorageKey } from '../storage.ts'
import { namespaceStart } from './keys.ts'
import { matchesSelectors } from './match.ts'
import { listing, narrowing } from './page.ts'
import { TimeSlice } from './time-slice.ts'
import {
  type CacheEntry,
  type CacheListOptions,
  type CacheListing,
  type CachedResource,
  type Gone,
  UndecodableObject,
} from './types.ts'

/** Keys asked for at once when the answer is not limited, or when selectors may leave little of a page. */
export const PAGE_SIZE = 500

export async function getDirectly(
  storage: Storage,
  resource: CachedResource,
  key: StorageKey,
): Promise<CacheEntry | undefined> {
  const stored = await storage.get(key)
  return stored === undefined ? undefined : decodeStored(resource, stored)
}

/** `at`: exactly that revision; undefined: the latest. `owns` tells this resource's keys from those of a longer prefix. */
export async function listDirectly(
  storage: Storage,
  resource: CachedResource,
  owns: (key: string) => boolean,
  options: CacheListOptions,
  at: Revision | undefined,
): Promise<CacheListing | Gone> {
  const namespace = options.namespace ?? ''
  const prefix = namespace === '' ? resource.prefix : namespaceStart(resource.prefix, namespace)
  const labels = narrowing(options.labelSelector)
  const fields = narrowing(options.fieldSelector)
  const limit = options.limit === undefined || options.limit === 0 ? Number.POSITIVE_INFINITY : options.limit
  const found: CacheEntry[] = []
  const slice = new TimeSlice()
  let pinned = at
  let after = options.after
  for (;;) {
    const page = await storage.list(prefix, {
      limit: labels === undefined && fields === undefined ? Math.min(PAGE_SIZE, limit - found.length + 1) : PAGE_SIZE,
      ...(pinned !== undefined && { at: pinned }),
      ...(after !== undefined && { after }),
    })
    if (page.outcome === 'compacted') return { outcome: 'gone', oldest: page.compactRevision }
    slice.restart()
    pinned = page.revision
    for (const [index, stored] of page.items.entries()) {
      if (!owns(stored.key)) continue
      if (slice.used) await slice.next()
      const entry = decodeStored(resource, stored)
      if (!matchesSelectors(entry, labels, fields)) continue
      if (found.length === limit) {
        const unread = page.items.length - index
        const counted = labels === undefined && fields === undefined && page.remaining !== undefined
        return listing(page.revision, found, true, counted ? unread + (page.remaining ?? 0) : undefined)
      }
      found.push(entry)
    }
    const last = page.items.at(-1)
    if (!page.more || last === undefined) return listing(page.revision, found, false, undefined)
    after = toStorageKey(last.key)
  }
}

function decodeStored(resource: CachedResource, stored: StoredObject): CacheEntry {
  try {
    return resource.decode(stored.key, stored.value, stored.modRevision)
  } catch (cause) {
    throw new UndecodableObject(resource.name, stored.key, reasonOf(cause), { cause })
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
