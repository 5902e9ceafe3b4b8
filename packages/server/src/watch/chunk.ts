// Bytes for watchers: collected as pieces, joined once, framed once for each framing that a watcher of the group needs.
import { frameChunk } from '../http/http1.ts'

export class Chunk {
  readonly bytes: Buffer
  #framed: Buffer | undefined = undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  framedAs(framing: 'chunked' | 'none'): Buffer {
    return framing === 'none' ? this.bytes : (this.#framed ??= frameChunk(this.bytes))
  }
}

export class ChunkBuilder {
  readonly #pieces: Buffer[] = []
  length = 0

  add(piece: Buffer): void {
    this.#pieces.push(piece)
    this.length += piece.length
  }

  /** What was added so far; the builder is empty afterwards. */
  build(): Chunk {
    const bytes = Buffer.allocUnsafe(this.length)
    let used = 0
    for (const piece of this.#pieces) used += piece.copy(bytes, used)
    this.#pieces.length = 0
    this.length = 0
    return new Chunk(bytes)
  }
}
