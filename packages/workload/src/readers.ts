// Readers: consistent lists (no resourceVersion) at a steady rate. The checker compares each with what was known before it began.
import type { KubeClient } from '@keelson/client'
import { setTimeout as delay } from 'node:timers/promises'
import type { History } from './history.ts'

export interface ReaderOptions {
  readonly client: KubeClient
  readonly history: History
  readonly collection: string
  readonly readsPerSecond: number
  readonly signal: AbortSignal
}

export async function runReader({ client, history, collection, readsPerSecond, signal }: ReaderOptions): Promise<void> {
  while (!signal.aborted) {
    const invokedMs = performance.now()
    try {
      const list = await client.list(collection, signal)
      const revision = Number(list.metadata.resourceVersion)
      history.reads.push({ kind: 'list', key: '', invokedMs, completedMs: performance.now(), revision, op: '' })
    } catch (error) {
      if (!(error instanceof Error)) throw error // A failed read breaks no promise; what is no Error is a bug of ours.
      if (!signal.aborted) history.failed('list', error)
    }
    const waitMs = 1000 / readsPerSecond - (performance.now() - invokedMs)
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {})
  }
}
