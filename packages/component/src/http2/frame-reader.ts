// Cuts what a socket gives into frames. A frame that came in one piece is handed on where it lies; one that came in several
// is joined once, when its last byte is there, and nothing of its neighbours with it.
import { ConnectionError, DEFAULT_MAX_FRAME_BYTES, ErrorCode, FRAME_HEADER_BYTES } from './frames.ts'

/** `payload` is a part of what was read: it may be kept, and must not be written to. */
export type OnFrame = (type: number, flags: number, id: number, payload: Buffer) => void

const NOTHING: Buffer = Buffer.alloc(0)

export class FrameReader {
  readonly #onFrame: OnFrame
  /** What the peer says before its first frame, as far as it has not been heard. */
  #preface: Buffer
  /** The beginning of what is not whole yet. */
  #pieces: Buffer[] = []
  #have = 0
  /** Bytes that must be there before anything can be done. */
  #need: number
  #stopped = false

  /** `onFrame` may throw a ConnectionError, or call stop(). A server's peer says a preface. */
  constructor(onFrame: OnFrame, preface: Buffer = NOTHING) {
    this.#onFrame = onFrame
    this.#preface = preface
    this.#need = preface.length > 0 ? preface.length : FRAME_HEADER_BYTES
  }

  /** @throws {ConnectionError} */
  read(chunk: Buffer): void {
    let at = 0
    // What began in an earlier chunk: its header first, which says how long it is, then the rest of it.
    while (this.#have > 0 && !this.#stopped) {
      const end = at + this.#need - this.#have
      if (end > chunk.length) return this.#keep(at === 0 ? chunk : chunk.subarray(at))
      this.#pieces.push(chunk.subarray(at, end))
      const joined = Buffer.concat(this.#pieces, this.#need)
      this.#pieces = []
      this.#have = 0
      at = end
      if (this.#cut(joined, 0) === 0) this.#keep(joined)
    }
    if (this.#stopped) return
    const rest = this.#cut(chunk, at)
    if (rest < chunk.length && !this.#stopped) this.#keep(rest === 0 ? chunk : chunk.subarray(rest))
  }

  /** Nothing that still comes is looked at. */
  stop(): void {
    this.#stopped = true
    this.#pieces = []
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#have += piece.length
  }

  /** Hands on the frames from `start`; returns where the first incomplete one begins, and sets what it needs. */
  #cut(bytes: Buffer, start: number): number {
    let at = start
    if (this.#preface.length > 0) {
      if (bytes.length - at < this.#preface.length) return at
      if (this.#preface.compare(bytes, at, at + this.#preface.length) !== 0)
        throw new ConnectionError(ErrorCode.protocolError, 'not the preface of HTTP/2')
      at += this.#preface.length
      this.#preface = NOTHING
    }
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const length = bytes.readUIntBE(at, 3)
      if (length > DEFAULT_MAX_FRAME_BYTES)
        throw new ConnectionError(ErrorCode.frameSizeError, `a frame of ${length} bytes`)
      const end = at + FRAME_HEADER_BYTES + length
      if (end > bytes.length) {
        this.#need = end - at
        return at
      }
      const id = bytes.readUInt32BE(at + 5) & 0x7fffffff
      this.#onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, id, bytes.subarray(at + FRAME_HEADER_BYTES, end))
      if (this.#stopped) return bytes.length
      at = end
    }
    this.#need = FRAME_HEADER_BYTES
    return at
  }
}
