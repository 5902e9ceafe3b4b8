// An object's JSON in parts: some are its own, others are the same bytes in many objects and kept once (the managedFields of
// Pods of one template are half of each). Joined when somebody needs it whole; a list copies the parts where they belong.
import type { CacheEntry } from './types.ts'

/** Bytes that can be copied somewhere: a Buffer, or parts. */
export interface JsonSource {
  readonly length: number
  /** As Buffer's. Returns the number of bytes. */
  copy(target: Buffer, targetStart: number, sourceStart: number): number
  subarray(start: number): Buffer
}

/** A part of some JSON that many objects may have alike; `shared`: the one buffer in which it is kept, if it is. */
export interface JsonSpan {
  readonly start: number
  readonly end: number
  readonly shared: Buffer | undefined
}

/** `bytes` goes before the own byte at `at`. */
export interface SharedPart {
  readonly at: number
  readonly bytes: Buffer
}

export class JsonParts implements JsonSource {
  readonly own: Buffer
  /** In order. */
  readonly shared: readonly SharedPart[]
  readonly length: number

  constructor(own: Buffer, shared: readonly SharedPart[]) {
    this.own = own
    this.shared = shared
    this.length = shared.reduce((sum, { bytes }) => sum + bytes.length, own.length)
  }

  copy(target: Buffer, targetStart: number, sourceStart: number): number {
    let at = targetStart
    let skip = sourceStart
    const take = (bytes: Buffer, start: number, end: number): void => {
      const from = Math.min(end, start + skip)
      skip -= from - start
      at += bytes.copy(target, at, from, end)
    }
    let taken = 0
    for (const part of this.shared) {
      take(this.own, taken, part.at)
      take(part.bytes, 0, part.bytes.length)
      taken = part.at
    }
    take(this.own, taken, this.own.length)
    return at - targetStart
  }

  join(): Buffer {
    const whole = Buffer.allocUnsafe(this.length)
    this.copy(whole, 0, 0)
    return whole
  }

  subarray(start: number): Buffer {
    return this.join().subarray(start)
  }
}

/** What an entry costs in memory, shared parts aside. */
export const ownBytes = ({ parts, json }: CacheEntry): number => parts?.own.length ?? json.length
