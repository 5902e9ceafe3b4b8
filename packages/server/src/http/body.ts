// Reads a request's body, bounded: in size here, in time by the request's deadline (which rejects what is still being read).
import type { Readable } from 'node:stream'
import { requestEntityTooLarge } from '@keelson/apimachinery'

/** Upstream's limit for a request body. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024

const tooLarge = (): Error => requestEntityTooLarge(`Request entity too large: limit is ${MAX_BODY_BYTES}`)

/** `reject` gives up at once; what still arrives is dropped by the transport. */
export function readBody(
  source: Readable,
  declaredLength: string | undefined,
): { promise: Promise<Buffer>; reject: (reason: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  if (declaredLength !== undefined && Number(declaredLength) > MAX_BODY_BYTES) {
    reject(tooLarge())
    return { promise, reject }
  }
  const chunks: Buffer[] = []
  let size = 0
  source.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
    else {
      chunks.length = 0
      source.pause()
      reject(tooLarge())
    }
  })
  source.once('end', () =>
    resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)),
  )
  source.once('error', reject)
  source.once('close', () => reject(new Error('the client went away in the middle of the body')))
  return { promise, reject }
}
