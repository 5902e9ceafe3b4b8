// One watch: where it is in the stream of events, and what goes out to its client next.
//
//   initial ──────→ history ───────→ live ──── its group writes to it (resource-watches.ts)
//   (the state as      (from its cursor   │
//    ADDED events)      to the group's)   │ too much unread: parked
//                          ↑              ↓
//                          └─ drained ── parked          any of them ──→ closed
//
// A parked watcher costs its cursor and what its client has not read; it delays nobody. When history no longer reaches back
// to its cursor, it ends with an ERROR event 410 and its client lists again.
import type { CacheEntry, Cursor, Revision } from '@keelson/storage'
import type { ResponseStream } from '../context.ts'
import { CONNECTION_BUDGET_BYTES } from '../http/http2.ts'
import { type Chunk, ChunkBuilder } from './chunk.ts'
import { historyExpired } from './expired.ts'
import type { WatchGroup } from './group.ts'
import { type ResourceWatches, shownEntry } from './resource-watches.ts'
import type { Runnable } from './run-queue.ts'

/** A watch with more than this unread parks. */
export const STREAM_BUDGET_BYTES = 256 * 1024
/** Catching up goes in pieces of about this size. */
const PIECE_BYTES = 64 * 1024

export interface WatcherOptions {
  readonly allowBookmarks: boolean
  /** Undefined: no initial events. */
  readonly initial: readonly CacheEntry[] | undefined
  /** Ends the initial events with the bookmark of KEP-3157. */
  readonly bookmarkAfterInitial: boolean
  /** The revision that the initial state is of. */
  readonly initialRevision: Revision
  /** The first event after the initial ones (or after the revision that was asked for). */
  readonly cursor: Cursor
}

export class Watcher implements Runnable {
  readonly stream: ResponseStream
  readonly group: WatchGroup
  readonly allowBookmarks: boolean
  state: 'initial' | 'history' | 'live' | 'closed'
  /** The next event to send; meaningless while live (the group's cursor counts then). */
  cursor: Cursor
  /** Tables: the column definitions have not been sent yet. */
  needsColumns: boolean
  #initial: readonly CacheEntry[] | undefined
  #initialSent = 0
  readonly #bookmarkAfterInitial: boolean
  readonly #initialRevision: Revision
  /** Waiting for its client (a drain or the relief of its connection), or in the run queue, or neither. */
  #waiting: 'drain' | 'turn' | 'no' = 'no'
  readonly #watches: ResourceWatches

  constructor(watches: ResourceWatches, group: WatchGroup, stream: ResponseStream, options: WatcherOptions) {
    this.#watches = watches
    this.group = group
    this.stream = stream
    this.allowBookmarks = options.allowBookmarks
    this.#initial = options.initial
    this.#bookmarkAfterInitial = options.bookmarkAfterInitial
    this.#initialRevision = options.initialRevision
    this.cursor = options.cursor
    this.state = options.initial === undefined && !options.bookmarkAfterInitial ? 'history' : 'initial'
    this.needsColumns = group.events.representation.shape === 'table'
    stream.onDrain(() => this.#continue())
    stream.onClose(() => this.#watches.remove(this))
  }

  /** Goes on catching up, in a later turn of the loop. */
  schedule(): void {
    if (this.#waiting === 'no' && this.state !== 'closed') this.#enqueue()
  }

  /** One piece of what it has to catch up with. */
  step(): boolean {
    this.#waiting = 'no'
    if (this.state === 'closed' || this.state === 'live') return false
    if (this.overBudget()) {
      this.#waitForClient()
      return false
    }
    const more = this.state === 'initial' ? this.#sendInitial() : this.#sendHistory()
    if (more) this.#waiting = 'turn'
    return more
  }

  /** Live: the group's chunk of one turn. `from` is where the chunk begins, should it not be taken. */
  deliver(chunk: Chunk, from: Cursor): void {
    if (this.overBudget()) {
      this.park(from)
      return
    }
    this.stream.writeFramed(chunk.framedAs(this.stream.framing))
  }

  park(cursor: Cursor): void {
    this.cursor = cursor
    this.state = 'history'
    this.#watches.left(this)
    this.#waitForClient()
  }

  overBudget(): boolean {
    const { stream } = this
    return stream.bufferedBytes > STREAM_BUDGET_BYTES || stream.connection.bufferedBytes > CONNECTION_BUDGET_BYTES
  }

  /** The last line, then the end of the answer. */
  end(lastLine?: Buffer): void {
    if (this.state === 'closed') return
    if (lastLine !== undefined) this.stream.write(lastLine)
    this.#watches.remove(this)
    this.stream.end()
  }

  #sendInitial(): boolean {
    const builder = new ChunkBuilder()
    const initial = this.#initial ?? []
    while (this.#initialSent < initial.length && builder.length < PIECE_BYTES) {
      const entry = initial[this.#initialSent++]
      if (entry !== undefined) this.#add(builder, 'ADDED', entry)
    }
    if (this.#initialSent === initial.length) {
      if (this.#bookmarkAfterInitial)
        builder.add(this.group.events.bookmark(this.#initialRevision, this.needsColumns, true))
      if (this.#bookmarkAfterInitial) this.needsColumns = false
      this.#initial = undefined
      this.state = 'history'
    }
    this.#write(builder)
    return true
  }

  #sendHistory(): boolean {
    const builder = new ChunkBuilder()
    const { cache } = this.#watches
    const { filter } = this.group
    const end = this.#watches.cursor
    // Selective watches look at many events for each that they send: a piece is bounded by both.
    for (let looked = 0; this.cursor < end && looked < 1000 && builder.length < PIECE_BYTES; looked++) {
      const event = cache.eventAt(this.cursor)
      if (event === undefined) {
        this.#write(builder)
        this.end(this.group.events.error(historyExpired(cache).status))
        return false
      }
      this.cursor++
      const type = filter.classify(event)
      if (type !== undefined) this.#add(builder, type, shownEntry(cache, event, type))
    }
    this.#write(builder)
    if (this.cursor < end) return true
    this.#watches.join(this)
    return false
  }

  #add(builder: ChunkBuilder, type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: CacheEntry): void {
    this.group.events.add(builder, type, entry, this.needsColumns)
    this.needsColumns = false
  }

  #write(builder: ChunkBuilder): void {
    if (builder.length > 0) this.stream.write(builder.build().bytes)
  }

  #waitForClient(): void {
    this.#waiting = 'drain'
    // The connection may be full while this stream has nothing queued, and then no drain of its own will come.
    this.stream.connection.onRelief(() => this.#continue())
  }

  #continue(): void {
    if (this.#waiting === 'drain' && this.state !== 'closed') this.#enqueue()
  }

  #enqueue(): void {
    this.#waiting = 'turn'
    this.#watches.queue.add(this)
  }
}
