// Changes of a key that is there, for tests: they fail the test when they do not succeed.
import assert from 'node:assert/strict'
import type { Revision, Storage } from '../storage.ts'
import { bytes, keyIn } from './keys.ts'

export async function replace(storage: Storage, prefix: string, name: string, value: string): Promise<Revision> {
  const current = await storage.get(keyIn(prefix, name))
  assert.ok(current !== undefined)
  const updated = await storage.update(current.key, current.modRevision, bytes(value))
  assert.ok(updated.outcome === 'updated')
  return updated.revision
}

export async function removeKey(storage: Storage, prefix: string, name: string): Promise<Revision> {
  const current = await storage.get(keyIn(prefix, name))
  assert.ok(current !== undefined)
  const deleted = await storage.delete(current.key, current.modRevision)
  assert.ok(deleted.outcome === 'deleted')
  return deleted.revision
}
