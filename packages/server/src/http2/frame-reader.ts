// Cuts what a socket gives into frames. A frame that came in one piece is handed on where it lies; one that came in several
// is joined once, when its last byte is there.
import { CLIENT_PREFACE, ConnectionError, DEFAULT_MAX_FRAME_BYTES, ErrorCode, FRAME_HEADER_BYTES } from './frames.ts'

/** `payload` is a part of what was read: it may be kept, and must not be written to. */
export type OnFrame = (type: number, flags: number, id: number, payload: Buffer) => void

export class FrameReader {
  readonly #onFrame: OnFrame
  #pieces: Buffer[] = []
  #have = 0
  /** Bytes that must be there before anything can be done. */
  #need: number = CLIENT_PREFACE.length
  #prefaceSeen = false
  #stopped = false

  /** `onFrame` may throw a ConnectionError, or call stop(). */
  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /** @throws {ConnectionError} */
  read(chunk: Buffer): void {
    if (this.#stopped) return
    this.#have += chunk.length
    if (this.#have < this.#need) {
      this.#pieces.push(chunk)
      return
    }
    const bytes = this.#pieces.length === 0 ? chunk : Buffer.concat([...this.#pieces, chunk], this.#have)
    this.#pieces = []
    const rest = this.#cut(bytes)
    this.#have = bytes.length - rest
    if (this.#have > 0) this.#pieces.push(rest === 0 ? bytes : bytes.subarray(rest))
  }

  /** Nothing that still comes is looked at. */
  stop(): void {
    this.#stopped = true
    this.#pieces = []
  }

  /** Returns where the first incomplete frame begins. */
  #cut(bytes: Buffer): number {
    let at = 0
    if (!this.#prefaceSeen) {
      if (CLIENT_PREFACE.compare(bytes, 0, CLIENT_PREFACE.length) !== 0)
        throw new ConnectionError(ErrorCode.protocolError, 'not the preface of HTTP/2')
      this.#prefaceSeen = true
      at = CLIENT_PREFACE.length
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
