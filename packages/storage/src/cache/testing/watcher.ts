// A watch as the server keeps one, for tests.
import assert from 'node:assert/strict'
import type { Revision } from '../../storage.ts'
import type { ResourceCache } from '../types.ts'
import { type ModelEvent, toModelEvent } from './model.ts'

/** A cursor that follows what it is told, from a revision. */
export class Watcher {
  readonly after: Revision
  readonly seen: ModelEvent[] = []
  ended = false
  readonly prefix: string
  readonly #resource: ResourceCache
  #cursor: number
  readonly #leave: (() => void)[]

  constructor(resource: ResourceCache, after: Revision, cursor: number) {
    this.after = after
    this.prefix = resource.resource.prefix
    this.#resource = resource
    this.#cursor = cursor
    this.#leave = [resource.subscribe((from, end) => this.#take(from, end)), resource.onReset(() => this.leave())]
    this.#read(resource.end)
  }

  leave(): void {
    this.ended = true
    for (const leave of this.#leave) leave()
  }

  #take(from: number, end: number): void {
    assert.ok(from <= this.#cursor, 'no event is skipped between two calls')
    this.#read(end)
  }

  #read(end: number): void {
    for (; this.#cursor < end; this.#cursor++) {
      const event = this.#resource.eventAt(this.#cursor)
      // Evicted before it was read: the server answers 410.
      if (event === undefined) return this.leave()
      this.seen.push(toModelEvent(event))
    }
  }
}
