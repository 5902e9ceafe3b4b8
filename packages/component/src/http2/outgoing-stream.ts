// What a stream sends: chunks wait in its queue (references, not copies) until output.ts takes pieces of them into the
// connection's next write, as DATA frames within the windows.
import { DEFAULT_MAX_FRAME_BYTES, FRAME_HEADER_BYTES, FrameType, Flag, writeFrameHeader } from './frames.ts'

interface Queued {
  readonly chunk: Buffer
  readonly taken: (() => void) | undefined
}

export abstract class OutgoingStream {
  id: number
  /** In the queue of output.ts. */
  isReady = false
  /** What the peer lets us send; negative after it made its windows smaller. */
  sendWindow: number
  /** Our end is with the socket, or the stream was cut. */
  closed = false
  queuedBytes = 0
  protected ended = false
  /** Somebody waits to hear that everything queued was sent. */
  protected needsDrain = false
  #queue: Queued[] = []
  #next = 0
  /** Bytes of the first queued chunk that are sent. */
  #offset = 0

  constructor(id: number, sendWindow: number) {
    this.id = id
    this.sendWindow = sendWindow
  }

  get hasOutput(): boolean {
    return this.queuedBytes > 0 || this.ended
  }

  /** True once after everything queued was sent and somebody waits to hear it. */
  get owesDrain(): boolean {
    return this.needsDrain && this.queuedBytes === 0
  }

  /** It is only for want of room in the buffer that nothing was written. `window`: the connection's. */
  needsRoom(window: number): boolean {
    return !this.closed && this.hasOutput && this.sendWindow > 0 && window > 0
  }

  /**
   * Writes DATA frames of at most `room` bytes in all, headers included, and of at most `window` bytes of content.
   * Returns how many bytes were written; `closed` is true when the stream's end was among them.
   */
  writeFrames(into: Buffer, at: number, room: number, window: number): number {
    const content = Math.min(
      this.queuedBytes,
      DEFAULT_MAX_FRAME_BYTES,
      room - FRAME_HEADER_BYTES,
      window,
      Math.max(0, this.sendWindow),
    )
    const last = this.ended && content === this.queuedBytes
    if (room < FRAME_HEADER_BYTES || (content <= 0 && !last)) return 0
    writeFrameHeader(into, at, content, FrameType.data, last ? Flag.endStream : 0, this.id)
    this.#take(into, at + FRAME_HEADER_BYTES, content)
    this.sendWindow -= content
    if (last) this.closed = true
    return FRAME_HEADER_BYTES + content
  }

  protected enqueue(chunk: Buffer, taken: (() => void) | undefined): void {
    this.#queue.push({ chunk, taken })
    this.queuedBytes += chunk.length
  }

  /** Returns the bytes that were still queued. */
  protected dropQueue(): number {
    const dropped = this.queuedBytes
    this.queuedBytes = 0
    this.#queue = []
    return dropped
  }

  #take(into: Buffer, at: number, bytes: number): void {
    let left = bytes
    while (left > 0) {
      const entry = this.#queue[this.#next]
      if (entry === undefined) return
      const end = Math.min(entry.chunk.length, this.#offset + left)
      const copied = entry.chunk.copy(into, at + bytes - left, this.#offset, end)
      left -= copied
      this.#offset += copied
      if (this.#offset < entry.chunk.length) break
      this.#offset = 0
      this.#next++
      entry.taken?.()
    }
    this.queuedBytes -= bytes
    if (this.#next === this.#queue.length) {
      this.#queue = []
      this.#next = 0
    } else if (this.#next > 64) {
      this.#queue = this.#queue.slice(this.#next)
      this.#next = 0
    }
  }
}
