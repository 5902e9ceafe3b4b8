// Listings for tests.
import assert from 'node:assert/strict'
import { append } from '@keelson/apimachinery'
import type { ListOptions, Listing, Storage, StoredObject } from '../storage.ts'

export async function listed(storage: Storage, prefix: string, options: ListOptions): Promise<Listing> {
  const listing = await storage.list(prefix, options)
  assert.ok(listing.outcome === 'listed', `the listing is ${listing.outcome}`)
  return listing
}

/** Reads a prefix as the cache does: page after page at the revision of the first. */
export async function allPages(storage: Storage, prefix: string): Promise<{ items: StoredObject[]; pages: number }> {
  const items: StoredObject[] = []
  let page = await listed(storage, prefix, {})
  append(items, page.items)
  let pages = 1
  while (page.more) {
    const last = page.items.at(-1)
    assert.ok(last !== undefined, 'a page with more behind it is not empty')
    page = await listed(storage, prefix, { at: page.revision, after: last.key })
    append(items, page.items)
    pages++
  }
  return { items, pages }
}
