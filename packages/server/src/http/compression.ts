// Compression of answers, as upstream: gzip only, level 1, and only for bodies over 128 KB.
import type { IncomingHttpHeaders } from 'node:http'
import { constants, createGzip, gzip, type Gzip } from 'node:zlib'

export const GZIP_THRESHOLD_BYTES = 128 * 1024

/** `gzip;q=0` is a refusal; `*` is not taken for gzip, as upstream. */
export function acceptsGzip(headers: IncomingHttpHeaders): boolean {
  const accepted = headers['accept-encoding']
  if (accepted === undefined) return false
  const text = String(accepted)
  return text.includes('gzip') && !/gzip\s*;\s*q=0(\.0*)?\s*(,|$)/.test(text)
}

export function gzipBytes(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(bytes, { level: constants.Z_BEST_SPEED }, (error, packed) =>
      error === null ? resolve(packed) : reject(error),
    )
  })
}

/** Chunks of 64 KB keep each piece of work in the thread pool short. */
export const newGzip = (): Gzip => createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 })
