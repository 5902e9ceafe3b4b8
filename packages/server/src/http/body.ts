// Reads a request's body, bounded: in size here, in time by the request's deadline (which rejects what is still being read).
import { requestEntityTooLarge } from '@keelson/apimachinery'

/** Upstream's limit for a request body. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024

/** Takes a body from its transport, HTTP/1.1 or HTTP/2. Not called any more after `end` or `fail`. */
export interface BodySink {
  data(chunk: Buffer): void
  end(): void
  fail(reason: Error): void
}

const tooLarge = (): Error => requestEntityTooLarge(`Request entity too large: limit is ${MAX_BODY_BYTES}`)

/** `reject` gives up at once; what still arrives is dropped. */
export function readBody(
  take: (sink: BodySink) => void,
  declaredLength: string | undefined,
): { promise: Promise<Buffer>; reject: (reason: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  if (declaredLength !== undefined && Number(declaredLength) > MAX_BODY_BYTES) {
    reject(tooLarge())
    return { promise, reject }
  }
  let chunks: Buffer[] = []
  let size = 0
  take({
    data(chunk) {
      size += chunk.length
      if (size <= MAX_BODY_BYTES) chunks.push(chunk)
      else {
        chunks = []
        reject(tooLarge())
      }
    },
    end: () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)),
    fail: reject,
  })
  return { promise, reject }
}
