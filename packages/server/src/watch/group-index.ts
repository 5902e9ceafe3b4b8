// Which groups an event may concern, looked up by its scope. An event costs in proportion to the groups it concerns.
import type { CacheEntry, CacheEvent } from '@keelson/storage'
import type { WatchGroup } from './group.ts'

export class GroupIndex {
  readonly #indexedFields: readonly string[]
  /** Groups that no index serves: they are offered every event. */
  readonly #all = new Set<WatchGroup>()
  readonly #byNamespace = new Map<string, Set<WatchGroup>>()
  readonly #byName = new Map<string, Set<WatchGroup>>()
  readonly #byField = new Map<string, Map<string, Set<WatchGroup>>>()
  /** One array for all events: nothing is allocated for an event that concerns nobody. */
  readonly #candidates: WatchGroup[] = []

  constructor(indexedFields: readonly string[]) {
    this.#indexedFields = indexedFields
  }

  add(group: WatchGroup): void {
    this.#setOf(group).add(group)
  }

  remove(group: WatchGroup): void {
    const set = this.#setOf(group)
    set.delete(group)
    if (set.size > 0) return
    const { filter } = group
    if (filter.name !== undefined) this.#byName.delete(filter.name)
    const field = this.#fieldOf(group)
    if (filter.name === undefined && field !== undefined) this.#byField.get(field.name)?.delete(field.value)
    if (filter.name === undefined && field === undefined) this.#byNamespace.delete(filter.namespace)
  }

  /** Valid until the next call. A group is among them at most once. */
  candidates(event: CacheEvent): readonly WatchGroup[] {
    const found = this.#candidates
    found.length = 0
    const { entry, previous } = event
    for (const group of this.#all) found.push(group)
    addAll(found, this.#byNamespace.get(entry.namespace))
    addAll(found, this.#byName.get(entry.name))
    for (const [field, groups] of this.#byField) {
      const value = valueOf(entry, field)
      addAll(found, groups.get(value))
      const before = previous === undefined ? value : valueOf(previous, field)
      if (before !== value) addAll(found, groups.get(before))
    }
    return found
  }

  #setOf(group: WatchGroup): Set<WatchGroup> {
    const { filter } = group
    if (filter.name !== undefined) return setIn(this.#byName, filter.name)
    const field = this.#fieldOf(group)
    if (field !== undefined) {
      let groups = this.#byField.get(field.name)
      if (groups === undefined) this.#byField.set(field.name, (groups = new Map()))
      return setIn(groups, field.value)
    }
    return filter.namespace === '' ? this.#all : setIn(this.#byNamespace, filter.namespace)
  }

  #fieldOf({ filter }: WatchGroup): { readonly name: string; readonly value: string } | undefined {
    for (const name of this.#indexedFields) {
      const value = filter.fieldSelector.requiresExactMatch(name)
      if (value !== undefined) return { name, value }
    }
    return undefined
  }
}

const valueOf = (entry: CacheEntry, field: string): string => entry.fields?.[field] ?? ''

function addAll(found: WatchGroup[], groups: Set<WatchGroup> | undefined): void {
  if (groups !== undefined) for (const group of groups) found.push(group)
}

function setIn(map: Map<string, Set<WatchGroup>>, key: string): Set<WatchGroup> {
  let set = map.get(key)
  if (set === undefined) map.set(key, (set = new Set()))
  return set
}
