// Keys and values for tests. Every call gives a prefix of its own, so that tests can share one backend.
import { randomBytes } from 'node:crypto'
import { type StorageKey, toStorageKey } from '../storage.ts'

/** `/registry/t-<random>/` */
export function freshPrefix(): string {
  return `/registry/t-${randomBytes(6).toString('hex')}/`
}

export function keyIn(prefix: string, name: string): StorageKey {
  return toStorageKey(prefix + name)
}

export function bytes(text: string): Buffer {
  return Buffer.from(text)
}
