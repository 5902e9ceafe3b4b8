// Cuts a gRPC stream into its messages: 1 byte (compressed or not), 4 bytes of length, the message.
import { Buffer } from 'node:buffer'

const PREFIX_BYTES = 5
/** Above etcd's largest message (a fragment of a watch is at most one request's size and 512 KB). */
export const MAX_MESSAGE_BYTES = 256 * 1024 * 1024

export class GrpcFrames {
  #chunks: Buffer[] = []
  #bytes = 0
  /** Bytes that must be there before the next message can be cut off. */
  #needed = PREFIX_BYTES

  /** The messages that this chunk completes: views of the chunk where they lie within one. Throws RangeError for nonsense. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#needed) return []
    const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes)
    const messages: Buffer[] = []
    let position = 0
    let end = frameEnd(all, position)
    while (end <= all.length) {
      messages.push(all.subarray(position + PREFIX_BYTES, end))
      position = end
      end = frameEnd(all, position)
    }
    this.#chunks = position === all.length ? [] : [all.subarray(position)]
    this.#bytes = all.length - position
    this.#needed = end - position
    return messages
  }
}

/** Where the frame at `position` ends; the end of its prefix while that is not there yet. */
function frameEnd(buffer: Buffer, position: number): number {
  if (buffer.length < position + PREFIX_BYTES) return Math.max(position + PREFIX_BYTES, buffer.length + 1)
  if (buffer[position] !== 0) throw new RangeError('a compressed gRPC message, which was not asked for')
  const length = buffer.readUInt32BE(position + 1)
  if (length > MAX_MESSAGE_BYTES)
    throw new RangeError(`a gRPC message of ${length} bytes, more than ${MAX_MESSAGE_BYTES}`)
  return position + PREFIX_BYTES + length
}
