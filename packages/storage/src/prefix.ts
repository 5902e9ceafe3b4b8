// Ranges of keys, as every backend sorts them: by the bytes of their UTF-8 text.
import { Buffer } from 'node:buffer'

/** The first key after all keys that begin with `prefix`; undefined when there is none (the prefix is empty). */
export function prefixEnd(prefix: string): Buffer | undefined {
  const end = Buffer.from(prefix)
  for (let index = end.length - 1; index >= 0; index--) {
    const byte = end[index] ?? 0
    if (byte < 0xff) {
      end[index] = byte + 1
      return end.subarray(0, index + 1)
    }
  }
  return undefined
}
