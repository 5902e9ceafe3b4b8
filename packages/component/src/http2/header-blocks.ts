// Header blocks: HEADERS and the CONTINUATIONs after it become one block and one list of fields; and back into frames.
import {
  ConnectionError,
  DEFAULT_MAX_FRAME_BYTES,
  ErrorCode,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  writeFrameHeader,
} from './frames.ts'
import { type Fields, HpackDecoder } from './hpack-decoder.ts'

/** Names, values and 32 bytes a field together; as upstream. */
export const MAX_HEADER_LIST_BYTES = 1024 * 1024

/** Compressed, a block is no longer than its fields; and no honest client cuts it into this many frames. */
const MAX_CONTINUATIONS = 256

export type OnHeaders<Kind extends Fields> = (id: number, end: boolean, headers: Kind) => void

export class HeaderBlocks<Kind extends Fields> {
  /** performance.now() at the first frame of a block that is not whole yet. */
  openSince: number | undefined = undefined
  readonly #newFields: () => Kind
  readonly #onHeaders: OnHeaders<Kind>
  readonly #decoder = new HpackDecoder()
  #id = 0
  #end = false
  #pieces: Buffer[] = []
  #bytes = 0

  constructor(newFields: () => Kind, onHeaders: OnHeaders<Kind>) {
    this.#newFields = newFields
    this.#onHeaders = onHeaders
  }

  /** @throws {ConnectionError} */
  headers(flags: number, id: number, payload: Buffer): void {
    let block = this.unpad(flags, payload)
    if ((flags & Flag.priority) !== 0) {
      if (block.length < 5) throw new ConnectionError(ErrorCode.frameSizeError, 'HEADERS of a wrong length')
      if ((block.readUInt32BE(0) & 0x7fffffff) === id)
        throw new ConnectionError(ErrorCode.protocolError, 'a stream that depends on itself')
      block = block.subarray(5)
    }
    this.#id = id
    this.#end = (flags & Flag.endStream) !== 0
    if ((flags & Flag.endHeaders) !== 0) return this.#decode(block)
    this.openSince = performance.now()
    this.#pieces = [block]
    this.#bytes = block.length
  }

  /** @throws {ConnectionError} */
  continuation(flags: number, id: number, payload: Buffer): void {
    if (this.openSince === undefined || id !== this.#id)
      throw new ConnectionError(ErrorCode.protocolError, 'a CONTINUATION of nothing')
    this.#pieces.push(payload)
    this.#bytes += payload.length
    if (this.#bytes > MAX_HEADER_LIST_BYTES || this.#pieces.length > MAX_CONTINUATIONS)
      throw new ConnectionError(ErrorCode.enhanceYourCalm, 'a header block without end')
    if ((flags & Flag.endHeaders) === 0) return
    const block = Buffer.concat(this.#pieces, this.#bytes)
    this.#pieces = []
    this.openSince = undefined
    this.#decode(block)
  }

  /** What a frame (DATA or HEADERS) carries without its padding. */
  unpad(flags: number, payload: Buffer): Buffer {
    if ((flags & Flag.padded) === 0) return payload
    const end = payload.length - (payload[0] ?? 0)
    if (end < 1) throw new ConnectionError(ErrorCode.protocolError, 'more padding than payload')
    return payload.subarray(1, end)
  }

  /** The frames of a header block that goes out. */
  frames(id: number, block: Buffer): Buffer[] {
    const frames: Buffer[] = []
    for (let at = 0; at < block.length || at === 0; at += DEFAULT_MAX_FRAME_BYTES) {
      const piece = block.subarray(at, at + DEFAULT_MAX_FRAME_BYTES)
      const last = at + piece.length === block.length
      const type = at === 0 ? FrameType.headers : FrameType.continuation
      const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + piece.length)
      writeFrameHeader(frame, 0, piece.length, type, last ? Flag.endHeaders : 0, id)
      piece.copy(frame, FRAME_HEADER_BYTES)
      frames.push(frame)
    }
    return frames
  }

  #decode(block: Buffer): void {
    const headers = this.#newFields()
    this.#decoder.decode(block, headers)
    this.#onHeaders(this.#id, this.#end, headers)
  }
}
