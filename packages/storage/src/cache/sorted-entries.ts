// The entries of one resource in key order, in blocks: an insert moves at most one block's pointers, however many objects
// there are (one flat array of 50,000 costs 20 µs a create; blocks cost 1 µs, see state.bench.ts).
import { compareKeys } from './keys.ts'
import type { CacheEntry } from './types.ts'

const BLOCK_SIZE = 512
/** Blocks made by a fill leave room for inserts. */
const FILL_SIZE = 384
/** Neighbours that together are smaller than this become one. */
const MERGE_SIZE = 128

export class SortedEntries {
  readonly #blocks: CacheEntry[][] = []
  /** Characters that all keys share, skipped when comparing. */
  readonly #shared: number

  constructor(sharedPrefixLength: number) {
    this.#shared = sharedPrefixLength
  }

  /** For a fill, whose keys come in order: `entry` must come after all others. */
  append(entry: CacheEntry): void {
    const last = this.#blocks.at(-1)
    if (last !== undefined && last.length < FILL_SIZE) last.push(entry)
    else this.#blocks.push([entry])
  }

  /** Puts the entry in its place, or replaces the one of the same key. */
  set(entry: CacheEntry): void {
    const blockIndex = this.#blockOf(entry.key)
    const block = this.#blocks[blockIndex]
    if (block === undefined) {
      this.#blocks.push([entry])
      return
    }
    const index = lowerBound(block, entry.key, this.#shared)
    if (block[index]?.key === entry.key) {
      block[index] = entry
      return
    }
    block.splice(index, 0, entry)
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
    for (const entry of next) block.push(entry)
    this.#blocks.splice(blockIndex + 1, 1)
  }

  /** All entries as a fresh array. */
  toArray(): CacheEntry[] {
    return new Array<CacheEntry>().concat(...this.#blocks)
  }

  /** The entries of `[start, end)` as a fresh array. */
  range(start: string, end: string): CacheEntry[] {
    const found: CacheEntry[] = []
    for (let blockIndex = this.#blockOf(start); blockIndex < this.#blocks.length; blockIndex++) {
      const block = this.#blocks[blockIndex] ?? []
      for (let index = lowerBound(block, start, this.#shared); index < block.length; index++) {
        const entry = block[index]
        if (entry === undefined || compareKeys(entry.key, end, this.#shared) >= 0) return found
        found.push(entry)
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

/** The index of the first entry whose key is not before `key`. `shared`: characters that all keys begin with. */
export function lowerBound(entries: readonly CacheEntry[], key: string, shared = 0): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries[middle]
    if (entry !== undefined && compareKeys(entry.key, key, shared) < 0) low = middle + 1
    else high = middle
  }
  return low
}
