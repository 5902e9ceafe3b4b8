// What one resource is now: every object by key, in key order, and by the indexes its kind declares.
import { namespaceEnd, namespaceStart, objectKey } from './keys.ts'
import { Slot, SortedEntries, lowerBound } from './sorted-entries.ts'
import type { CacheEntry, CachedResource } from './types.ts'

export class ResourceState {
  readonly #resource: CachedResource
  readonly #slots = new Map<string, Slot>()
  readonly #sorted: SortedEntries
  readonly #fieldIndexes: readonly FieldIndex[]
  readonly #owners = new KeyIndex()
  /** Objects per namespace: lists by name alone look into each namespace instead of scanning. */
  readonly #namespaces = new Map<string, number>()
  /** Shared by all lists until the next change. */
  #snapshot: readonly CacheEntry[] | undefined

  constructor(resource: CachedResource) {
    this.#resource = resource
    this.#sorted = new SortedEntries(resource.prefix.length)
    this.#fieldIndexes = resource.indexedFields.map((field) => ({ field, keys: new KeyIndex() }))
  }

  get size(): number {
    return this.#slots.size
  }

  get(key: string): CacheEntry | undefined {
    return this.#slots.get(key)?.entry
  }

  /** For a fill: keys come in order, none twice. */
  append(entry: CacheEntry): void {
    const slot = new Slot(entry)
    this.#slots.set(entry.key, slot)
    this.#sorted.append(slot)
    this.#addToIndexes(entry)
    this.#snapshot = undefined
  }

  /** Returns the entry that was there before. */
  set(entry: CacheEntry): CacheEntry | undefined {
    this.#snapshot = undefined
    const slot = this.#slots.get(entry.key)
    if (slot === undefined) {
      const added = new Slot(entry)
      this.#slots.set(entry.key, added)
      this.#sorted.insert(added)
      this.#addToIndexes(entry)
      return undefined
    }
    const previous = slot.entry
    slot.entry = entry
    this.#moveInIndexes(previous, entry)
    return previous
  }

  /** Returns the entry that was there. */
  delete(key: string): CacheEntry | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    this.#slots.delete(key)
    this.#sorted.remove(key)
    this.#removeFromIndexes(slot.entry)
    this.#snapshot = undefined
    return slot.entry
  }

  /** In key order; never changed afterwards. With a namespace: that part of it. */
  snapshot(namespace = ''): readonly CacheEntry[] {
    if (namespace === '') return (this.#snapshot ??= this.#sorted.toArray())
    const { prefix } = this.#resource
    const start = namespaceStart(prefix, namespace)
    const end = namespaceEnd(prefix, namespace)
    if (this.#snapshot === undefined) return this.#sorted.range(start, end)
    return this.#snapshot.slice(
      lowerBound(this.#snapshot, start, prefix.length),
      lowerBound(this.#snapshot, end, prefix.length),
    )
  }

  byOwner(uid: string): readonly CacheEntry[] {
    return this.#entriesOf(this.#owners.get(uid))
  }

  /** Objects with this name, in whatever namespace. */
  byName(name: string): readonly CacheEntry[] {
    const found: CacheEntry[] = []
    for (const namespace of this.#namespaces.keys()) {
      const entry = this.get(objectKey(this.#resource.prefix, namespace, name))
      if (entry !== undefined) found.push(entry)
    }
    return found
  }

  /** How many objects have this value in an indexed field; undefined when the field is not indexed. */
  countByField(field: string, value: string): number | undefined {
    const index = this.#fieldIndex(field)
    return index === undefined ? undefined : (index.keys.get(value)?.size ?? 0)
  }

  byField(field: string, value: string): readonly CacheEntry[] {
    return this.#entriesOf(this.#fieldIndex(field)?.keys.get(value))
  }

  #fieldIndex(field: string): FieldIndex | undefined {
    for (const index of this.#fieldIndexes) if (index.field === field) return index
    return undefined
  }

  #entriesOf(keys: ReadonlySet<string> | undefined): CacheEntry[] {
    const found: CacheEntry[] = []
    if (keys === undefined) return found
    for (const key of keys) {
      const entry = this.get(key)
      if (entry !== undefined) found.push(entry)
    }
    return found
  }

  #addToIndexes(entry: CacheEntry): void {
    this.#namespaces.set(entry.namespace, (this.#namespaces.get(entry.namespace) ?? 0) + 1)
    for (const index of this.#fieldIndexes) index.keys.add(entry.fields?.[index.field] ?? '', entry.key)
    if (entry.ownerUids !== undefined) for (const uid of entry.ownerUids) this.#owners.add(uid, entry.key)
  }

  #removeFromIndexes(entry: CacheEntry): void {
    const left = (this.#namespaces.get(entry.namespace) ?? 1) - 1
    if (left === 0) this.#namespaces.delete(entry.namespace)
    else this.#namespaces.set(entry.namespace, left)
    for (const index of this.#fieldIndexes) index.keys.remove(entry.fields?.[index.field] ?? '', entry.key)
    if (entry.ownerUids !== undefined) for (const uid of entry.ownerUids) this.#owners.remove(uid, entry.key)
  }

  /** Most updates change no indexed value. */
  #moveInIndexes(previous: CacheEntry, entry: CacheEntry): void {
    for (const index of this.#fieldIndexes) {
      const before = previous.fields?.[index.field] ?? ''
      const after = entry.fields?.[index.field] ?? ''
      if (before === after) continue
      index.keys.remove(before, entry.key)
      index.keys.add(after, entry.key)
    }
    if (previous.ownerUids === undefined && entry.ownerUids === undefined) return
    if (previous.ownerUids !== undefined) for (const uid of previous.ownerUids) this.#owners.remove(uid, entry.key)
    if (entry.ownerUids !== undefined) for (const uid of entry.ownerUids) this.#owners.add(uid, entry.key)
  }
}

interface FieldIndex {
  readonly field: string
  readonly keys: KeyIndex
}

/** Keys by value; a value nobody has any more takes no memory. */
class KeyIndex {
  readonly #keys = new Map<string, Set<string>>()

  get(value: string): ReadonlySet<string> | undefined {
    return this.#keys.get(value)
  }

  add(value: string, key: string): void {
    const keys = this.#keys.get(value)
    if (keys === undefined) this.#keys.set(value, new Set([key]))
    else keys.add(key)
  }

  remove(value: string, key: string): void {
    const keys = this.#keys.get(value)
    if (keys === undefined) return
    keys.delete(key)
    if (keys.size === 0) this.#keys.delete(value)
  }
}
