// Which resource a key belongs to: the one with the longest prefix. Keys of no resource (`ranges/`, `masterleases/`,
// `peerserverleases/`, `compact_rev_key`, kinds that are not served) belong to none.
import type { ResourceStore } from './store.ts'

export class Router {
  readonly #byPrefix = new Map<string, ResourceStore>()
  readonly #byName = new Map<string, ResourceStore>()

  add(store: ResourceStore): void {
    const { name, prefix } = store.resource
    if (!prefix.endsWith('/')) throw new Error(`the prefix of ${name} must end with a slash: ${prefix}`)
    const taken = this.#byName.has(name) ? name : this.#byPrefix.has(prefix) ? prefix : undefined
    if (taken !== undefined) throw new Error(`${taken} is in the cache already`)
    this.#byName.set(name, store)
    this.#byPrefix.set(prefix, store)
  }

  remove(name: string): ResourceStore | undefined {
    const store = this.#byName.get(name)
    if (store === undefined) return undefined
    this.#byName.delete(name)
    this.#byPrefix.delete(store.resource.prefix)
    return store
  }

  get(name: string): ResourceStore | undefined {
    return this.#byName.get(name)
  }

  values(): IterableIterator<ResourceStore> {
    return this.#byName.values()
  }

  /** Tries the key's own prefixes from the longest: a handful of look-ups, however many resources there are. */
  ownerOf(key: string): ResourceStore | undefined {
    for (let slash = key.lastIndexOf('/'); slash > 0; slash = key.lastIndexOf('/', slash - 1)) {
      const store = this.#byPrefix.get(key.slice(0, slash + 1))
      if (store !== undefined) return store
    }
    return undefined
  }
}
