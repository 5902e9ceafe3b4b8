// The watchers of a group that are up to date, connection by connection: what a delivery writes to one HTTP/2 session then
// goes out together, and the session's memory is in the processor's cache for all of its streams. In order of arrival, over
// ten connections of a hundred watches, a delivery costs a fifth more.
import type { ConnectionBudget } from '../context.ts'
import type { Watcher } from './watcher.ts'

export class LiveWatchers {
  readonly #byConnection = new Map<ConnectionBudget, Set<Watcher>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(watcher: Watcher): void {
    const { connection } = watcher.stream
    let watchers = this.#byConnection.get(connection)
    if (watchers === undefined) this.#byConnection.set(connection, (watchers = new Set()))
    if (watchers.has(watcher)) return
    watchers.add(watcher)
    this.#size++
  }

  delete(watcher: Watcher): void {
    const { connection } = watcher.stream
    const watchers = this.#byConnection.get(connection)
    if (watchers?.delete(watcher) !== true) return
    this.#size--
    if (watchers.size === 0) this.#byConnection.delete(connection)
  }

  /** A watcher that leaves while this runs is not visited any more. */
  *[Symbol.iterator](): Generator<Watcher, undefined> {
    for (const watchers of this.#byConnection.values()) {
      for (const watcher of watchers) yield watcher
    }
    return undefined
  }
}
