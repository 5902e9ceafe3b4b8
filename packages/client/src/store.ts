// What an informer keeps: objects by key, and by what indexers say of them.
import type { KubeObject } from '@keelson/apimachinery'

/** The values under which an object is found in an index; none: it is not in it. */
export type Indexer<T extends KubeObject> = (object: T) => readonly string[]

/** `namespace/name`, or `name` for what is cluster-scoped. */
export function keyOf({ metadata: { namespace, name = '' } }: KubeObject): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>()
  readonly #indexes = new Map<string, { readonly indexer: Indexer<T>; readonly keys: Map<string, Set<string>> }>()

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    for (const [name, indexer] of Object.entries(indexers)) this.#indexes.set(name, { indexer, keys: new Map() })
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys()
  }

  list(): T[] {
    return [...this.#objects.values()]
  }

  /** Throws for an index that the store was not made with. */
  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name)
    if (index === undefined) throw new Error(`there is no index ${name}`)
    return [...(index.keys.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? [])
  }

  /** Returns what it was before. */
  set(key: string, object: T): T | undefined {
    const old = this.#objects.get(key)
    for (const { indexer, keys } of this.#indexes.values()) {
      if (old !== undefined) removeKey(keys, indexer(old), key)
      for (const value of indexer(object)) {
        const known = keys.get(value)
        if (known === undefined) keys.set(value, new Set([key]))
        else known.add(key)
      }
    }
    this.#objects.set(key, object)
    return old
  }

  /** Returns what it was. */
  delete(key: string): T | undefined {
    const old = this.#objects.get(key)
    if (old === undefined) return undefined
    for (const { indexer, keys } of this.#indexes.values()) removeKey(keys, indexer(old), key)
    this.#objects.delete(key)
    return old
  }
}

function removeKey(keys: Map<string, Set<string>>, values: readonly string[], key: string): void {
  for (const value of values) {
    const known = keys.get(value)
    known?.delete(key)
    if (known?.size === 0) keys.delete(value)
  }
}
