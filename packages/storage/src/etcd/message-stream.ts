// A call with messages both ways, for as long as both sides like.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ConnectionLost } from './faults.ts'
import { GrpcFrames } from './grpc-frames.ts'
import type { ClientStream, ResponseSink, StreamEnd } from './http2/client-stream.ts'
import type { CallListener } from './unary-call.ts'

/** What is read in one go: decoding it takes well under a millisecond. */
const BATCH_BYTES = 64 * 1024

export class MessageStream implements ResponseSink {
  readonly #listener: CallListener
  #stream: ClientStream | undefined
  /** Not read yet; the stream's window bounds it. */
  #chunks: Buffer[] = []
  #end: StreamEnd | undefined
  #wake: (() => void) | undefined

  constructor(listener: CallListener) {
    this.#listener = listener
  }

  begin(stream: ClientStream): void {
    this.#stream = stream
  }

  send(message: Buffer): void {
    this.#stream?.write(message)
  }

  cancel(): void {
    this.#stream?.cancel(new Error('the call was cancelled'))
  }

  /**
   * Messages in order, those that came together together; for one reader. Ends when the member ends the call, throws
   * ConnectionLost when it is lost or cancelled, RangeError for nonsense. Who reads slowly slows the member down.
   */
  async *messages(): AsyncIterable<Buffer[]> {
    const frames = new GrpcFrames()
    for (;;) {
      const batch: Buffer[] = []
      for (const chunk of this.#take()) {
        for (const message of frames.push(chunk)) batch.push(message)
        this.#stream?.consumed(chunk.length)
      }
      if (batch.length > 0) yield batch
      // A backlog is read a batch a turn of the loop.
      if (this.#chunks.length > 0) await nextTurn()
      else if (this.#end?.how === 'ended') return
      else if (this.#end?.how === 'lost') throw this.#lost(this.#end.sent, this.#end.reason)
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  // ---- ResponseSink

  headers(): void {
    this.#listener.heard()
  }

  data(chunk: Buffer): void {
    this.#listener.heard()
    this.#chunks.push(chunk)
    this.#wake?.()
  }

  close(end: StreamEnd): void {
    this.#listener.done()
    this.#end = end
    this.#wake?.()
  }

  #take(): Buffer[] {
    let bytes = 0
    let count = 0
    while (count < this.#chunks.length && bytes < BATCH_BYTES) bytes += this.#chunks[count++]?.length ?? 0
    if (count < this.#chunks.length) return this.#chunks.splice(0, count)
    const all = this.#chunks
    this.#chunks = []
    return all
  }

  #lost(sent: boolean, reason: Error): ConnectionLost {
    return new ConnectionLost(`${this.#listener.endpoint}: ${reason.message}`, sent, reason)
  }
}
