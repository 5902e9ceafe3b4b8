// What goes out on one connection: everything that came together in one turn of the loop is one write to the socket. A
// thousand watchers of ten connections cost ten encryptions and ten system calls an event, not a thousand.
//
//   control frames (HEADERS, SETTINGS, PING, RST_STREAM, …) first, in order ─┐
//   DATA of the streams that have some and may send it, a frame each in turn ─┴→ one buffer → socket, then the next
//
// One write is under way at a time: what a peer does not read stays in the streams' queues, where it is counted and where
// watchers share their chunks.
import type { Duplex } from 'node:stream'
import { DEFAULT_WINDOW_BYTES } from './frames.ts'
import type { OutgoingStream } from './outgoing-stream.ts'

/** One write at most; and the memory that a peer can hold by not reading, its streams' queues aside. */
const WRITE_BYTES = 256 * 1024
/** Up to here a write gets a buffer of its own size; above it one of the shared ones. */
const SMALL_WRITE_BYTES = 16 * 1024
const SLABS_KEPT = 16
/** What a stream may write beside its content: some frame headers. */
const STREAM_OVERHEAD_BYTES = 64
const SLICE_MS = 3

const slabs: Buffer[] = []
const dirty: { write(): void; destroy(error: unknown): void }[] = []

export class Output<Stream extends OutgoingStream> {
  /** What the peer lets us send on all streams together. */
  window: number = DEFAULT_WINDOW_BYTES
  queuedBytes = 0
  readonly #socket: Duplex
  readonly #onSent: (stream: Stream) => void
  readonly #onTaken: () => void
  readonly #minimumBytes: number
  /** Of control frames, which are never more than a peer made us answer. */
  controlBytes = 0
  #control: Buffer[] = []
  #ready: Stream[] = []
  #nextReady = 0
  #writing = false
  #scheduled = false
  #stopped = false
  #onEmpty: (() => void) | undefined = undefined

  /**
   * `onSent`: a stream's end, or all that it had queued, is with the socket; `onTaken`: the socket is done with a write.
   * `minimumBytes`: a stream with nothing before it may need so much room to write anything at all.
   */
  constructor(
    socket: Duplex,
    onSent: (stream: Stream) => void,
    onTaken: () => void,
    minimumBytes = STREAM_OVERHEAD_BYTES,
  ) {
    this.#socket = socket
    this.#onSent = onSent
    this.#onTaken = onTaken
    this.#minimumBytes = minimumBytes
  }

  /** Bytes in this process that the peer has not taken. */
  get bufferedBytes(): number {
    return this.queuedBytes + this.controlBytes + this.#socket.writableLength
  }

  control(frame: Buffer): void {
    if (this.#stopped) return
    this.#control.push(frame)
    this.controlBytes += frame.length
    this.#schedule()
  }

  ready(stream: Stream): void {
    if (stream.isReady || this.#stopped) return
    stream.isReady = true
    this.#ready.push(stream)
    this.#schedule()
  }

  /** Calls back when everything that can be sent is with the socket. */
  whenEmpty(listener: () => void): void {
    this.#onEmpty = listener
    this.#schedule()
  }

  /** One last write of what is in the control queue; nothing after it. */
  finish(): void {
    if (this.#stopped) return
    const last = Buffer.concat(this.#control)
    this.stop()
    this.#socket.end(last)
  }

  /** A fault of ours costs this connection, not those that are written after it in the same turn. */
  destroy(error: unknown): void {
    this.#socket.destroy(error instanceof Error ? error : new Error(String(error)))
  }

  stop(): void {
    this.#stopped = true
    this.#control = []
    this.controlBytes = 0
    this.#ready = []
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing || this.#stopped) return
    this.#scheduled = true
    if (dirty.push(this) === 1) setImmediate(writeAll)
  }

  /** The turn's write. */
  write(): void {
    this.#scheduled = false
    if (this.#stopped || this.#writing) return
    const wanted = this.controlBytes + this.queuedBytes + (this.#ready.length - this.#nextReady) * STREAM_OVERHEAD_BYTES
    const small = wanted <= SMALL_WRITE_BYTES
    const buffer = small
      ? Buffer.allocUnsafe(Math.max(wanted, this.#minimumBytes))
      : (slabs.pop() ?? Buffer.allocUnsafeSlow(WRITE_BYTES))
    const sent: Stream[] = []
    const used = this.#takeStreams(buffer, this.#takeControl(buffer), sent)
    if (used > 0) {
      this.#writing = true
      this.#socket.write(used === buffer.length ? buffer : buffer.subarray(0, used), () => {
        if (!small && slabs.length < SLABS_KEPT) slabs.push(buffer)
        this.#writing = false
        if (this.#control.length > 0 || this.#nextReady < this.#ready.length) this.#schedule()
        else this.#tellEmpty()
        this.#onTaken()
      })
    } else {
      if (!small) slabs.push(buffer)
      this.#tellEmpty()
    }
    for (const stream of sent) this.#onSent(stream)
  }

  #tellEmpty(): void {
    const listener = this.#onEmpty
    this.#onEmpty = undefined
    listener?.()
  }

  /** Frames are not cut: one that does not fit waits for the next write. */
  #takeControl(buffer: Buffer): number {
    let used = 0
    let taken = 0
    for (const frame of this.#control) {
      if (used + frame.length > buffer.length) break
      used += frame.copy(buffer, used)
      taken++
    }
    this.#control = taken === this.#control.length ? [] : this.#control.slice(taken)
    this.controlBytes -= used
    return used
  }

  #takeStreams(buffer: Buffer, start: number, sent: Stream[]): number {
    let at = start
    // Headers that are still waiting come before their stream's data.
    if (this.#control.length > 0) return at
    while (this.#nextReady < this.#ready.length) {
      const stream = this.#ready[this.#nextReady]
      if (stream === undefined) break
      const before = stream.queuedBytes
      const written = stream.closed ? 0 : stream.writeFrames(buffer, at, buffer.length - at, this.window)
      if (written === 0 && stream.needsRoom(this.window)) break
      at += written
      const content = before - stream.queuedBytes
      this.window -= content
      this.queuedBytes -= content
      this.#nextReady++
      stream.isReady = false
      if (written > 0 && (stream.closed || stream.owesDrain)) sent.push(stream)
      // Another frame after the other streams have had theirs; one whose window is shut comes back when it opens.
      if (!stream.closed && stream.hasOutput && written > 0) {
        stream.isReady = true
        this.#ready.push(stream)
      }
    }
    if (this.#nextReady === this.#ready.length) this.#ready = []
    else this.#ready.splice(0, this.#nextReady)
    this.#nextReady = 0
    return at
  }
}

/** Connections that have something to write take turns: some milliseconds of them in each turn of the loop. */
function writeAll(): void {
  const end = performance.now() + SLICE_MS
  let next = 0
  // Grows while it is walked.
  while (next < dirty.length && performance.now() < end) {
    const output = dirty[next++]
    try {
      output?.write()
    } catch (error) {
      output?.destroy(error)
    }
  }
  dirty.splice(0, next)
  if (dirty.length > 0) setImmediate(writeAll)
}
