// A reader of objects that a test puts there. `late` objects are those that a cache has not seen yet.
import type { KubeObject } from '@keelson/apimachinery'
import type { AdmissionReader } from '../types.ts'

export class MemoryReader implements AdmissionReader {
  readonly #objects = new Map<string, KubeObject>()
  readonly #late = new Map<string, KubeObject>()

  add(group: string, resource: string, object: KubeObject, options: { readonly late?: boolean } = {}): this {
    const { namespace = '', name = '' } = object.metadata
    const objects = options.late === true ? this.#late : this.#objects
    objects.set(keyOf(group, resource, namespace, name), object)
    return this
  }

  get(group: string, resource: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf(group, resource, namespace, name))
  }

  list(group: string, resource: string): KubeObject[] {
    const prefix = `${group}/${resource}/`
    return [...this.#objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object)
  }

  getConsistent(group: string, resource: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    return Promise.resolve(
      this.get(group, resource, namespace, name) ?? this.#late.get(keyOf(group, resource, namespace, name)),
    )
  }
}

const keyOf = (group: string, resource: string, namespace: string, name: string): string =>
  `${group}/${resource}/${namespace}/${name}`
