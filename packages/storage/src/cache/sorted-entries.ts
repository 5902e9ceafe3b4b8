// The entries of one resource in key order, in blocks: an insert moves at most one block's pointers, however many objects
// there are. An entry stands in a slot, so that an update, which is what most events are, needs no search.
import { compareKeys } from './keys.ts'
import type { CacheEntry } from './types.ts'

const BLOCK_SIZE = 512
/** Blocks made by a fill leave room for inserts. */
const FILL_SIZE = 384
/** Neighbours that together are smaller than this become one. */
const MERGE_SIZE = 128

/** The place of one key, for as long as the object exists. */
export class Slot {
  readonly key: string
  entry: CacheEntry

  constructor(entry: CacheEntry) {
    this.key = entry.key
    this.entry = entry
  }
}

export class SortedEntries {
  readonly #blocks: Slot[][] = []
  /** Characters that all keys share, skipped when comparing. */
  readonly #shared: number

  constructor(sharedPrefixLength: number) {
    this.#shared = sharedPrefixLength
  }

  /** For a fill, whose keys come in order: the slot must come after all others. */
  append(slot: Slot): void {
    const last = this.#blocks.at(-1)
    if (last !== undefined && last.length < FILL_SIZE) last.push(slot)
    else this.#blocks.push([slot])
  }

  /** Puts the slot of a key that is not there yet in its place. */
  insert(slot: Slot): void {
    const blockIndex = this.#blockOf(slot.key)
    const block = this.#blocks[blockIndex]
    if (block === undefined) {
      this.#blocks.push([slot])
      return
    }
    block.splice(lowerBound(block, slot.key, this.#shared), 0, slot)
    if (block.length > BLOCK_SIZE) this.#blocks.splice(blockIndex + 1, 0, block.splice(BLOCK_SIZE / 2))
  }

  remove(key: string): void {
    const blockIndex = this.#blockOf(key)
    const block = this.#blocks[blockIndex]
    if (block === undefined) return
    const index = lowerBound(block, key, this.#shared)
    if (block[index]?.key !== key) return
    block.splice(index, 1)
    if (block.length === 0) {
      this.#blocks.splice(blockIndex, 1)
      return
    }
    const next = this.#blocks[blockIndex + 1]
    if (next === undefined || block.length + next.length >= MERGE_SIZE) return
    for (const slot of next) block.push(slot)
    this.#blocks.splice(blockIndex + 1, 1)
  }

  /** All entries as a fresh array. */
  toArray(): CacheEntry[] {
    const entries: CacheEntry[] = []
    for (const block of this.#blocks) for (const slot of block) entries.push(slot.entry)
    return entries
  }

  /** The entries of `[start, end)` as a fresh array. */
  range(start: string, end: string): CacheEntry[] {
    const found: CacheEntry[] = []
    for (let blockIndex = this.#blockOf(start); blockIndex < this.#blocks.length; blockIndex++) {
      const block = this.#blocks[blockIndex] ?? []
      for (let index = lowerBound(block, start, this.#shared); index < block.length; index++) {
        const slot = block[index]
        if (slot === undefined || compareKeys(slot.key, end, this.#shared) >= 0) return found
        found.push(slot.entry)
      }
    }
    return found
  }

  /** The last block that begins at or before the key; the first one when the key comes before all. */
  #blockOf(key: string): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = this.#blocks[middle]?.[0]
      if (first !== undefined && compareKeys(first.key, key, this.#shared) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The index of the first item, from `from` on, whose key is not before `key`. `shared`: characters that all keys begin with. */
export function lowerBound(items: readonly { readonly key: string }[], key: string, shared = 0, from = 0): number {
  let low = from
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && compareKeys(item.key, key, shared) < 0) low = middle + 1
    else high = middle
  }
  return low
}
