// What admission plugins read: objects parsed from the caches.
import type { AdmissionReader } from '@keelson/admission'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import type { CacheEntry } from '@keelson/storage'
import { parseEntry } from './parsed-entry.ts'
import type { Registries } from './types.ts'

export class CacheReader implements AdmissionReader {
  readonly #registries: Pick<Registries, 'find'>
  /** Parsed once per version of an object, and dropped with it: plugins read the same namespace at every write in it. */
  readonly #parsed = new WeakMap<CacheEntry, KubeObject>()

  constructor(registries: Pick<Registries, 'find'>) {
    this.#registries = registries
  }

  get(group: string, resource: string, namespace: string, name: string): KubeObject | undefined {
    const entry = this.#registries.find(group, resource)?.cache.peek(namespace, name)
    return entry && this.#parse(entry)
  }

  list(group: string, resource: string, namespace?: string): KubeObject[] {
    const entries = this.#registries.find(group, resource)?.cache.snapshot(namespace) ?? []
    return entries.map((entry) => this.#parse(entry))
  }

  async getConsistent(
    group: string,
    resource: string,
    namespace: string,
    name: string,
  ): Promise<KubeObject | undefined> {
    try {
      return (await this.#registries.find(group, resource)?.get(namespace, name))?.object
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined
      throw error
    }
  }

  #parse(entry: CacheEntry): KubeObject {
    let object = this.#parsed.get(entry)
    if (object === undefined) {
      object = parseEntry(entry)
      this.#parsed.set(entry, object)
    }
    return object
  }
}
