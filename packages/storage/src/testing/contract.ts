// The one suite that every implementation of Storage passes: each promise of storage.ts is a test here.
import { describe } from 'node:test'
import type { Storage } from '../storage.ts'
import { leaseTests } from './contract-leases.ts'
import { listTests } from './contract-lists.ts'
import { modelTests } from './contract-model.ts'
import { watchTests } from './contract-watches.ts'
import { writeTests } from './contract-writes.ts'

/** Makes a storage for one test; the suite disposes of it. Stores may share a backend: each test keeps to its own prefix. */
export type MakeStorage = () => Promise<Storage>

export function contractSuite(name: string, make: MakeStorage): void {
  describe(`${name}: the storage contract`, () => {
    writeTests(make)
    listTests(make)
    watchTests(make)
    leaseTests(make)
    modelTests(make)
  })
}
