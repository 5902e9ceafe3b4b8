// Writers. A unique writer creates, replaces and deletes objects of its own; a counting writer increments a counter that it
// shares with others, by read, add one, replace at the revision read. Each attempt is one record with one op.
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { ConnectionError, type KubeClient } from '@keelson/client'
import { setTimeout as delay } from 'node:timers/promises'
import type { History, WriteRecord } from './history.ts'

export interface WriterOptions {
  readonly client: KubeClient
  readonly history: History
  /** `/api/v1/namespaces/x/configmaps` */
  readonly collection: string
  readonly name: string
  readonly writesPerSecond: number
  /** Bytes of padding in each object. */
  readonly padBytes: number
  readonly signal: AbortSignal
}

/** Objects that one unique writer keeps alive at a time. */
const KEYS_A_WRITER = 8

export async function runUniqueWriter({
  client,
  history,
  collection,
  name,
  writesPerSecond,
  padBytes,
  signal,
}: WriterOptions): Promise<void> {
  const revisions = new Map<string, string>()
  const pad = 'x'.repeat(padBytes)
  for (let n = 0; !signal.aborted; n++) {
    const startedMs = performance.now()
    const key = `${name}-${n % KEYS_A_WRITER}`
    const op = `${name}.${n}`
    const resourceVersion = revisions.get(key)
    const object = {
      metadata: { name: key, labels: { writer: name }, ...(resourceVersion && { resourceVersion }) },
      data: { op, pad },
    }
    if (resourceVersion === undefined) {
      const made = await attempt(history, history.write(op, 'create', key), () => client.create(collection, object))
      if (made !== undefined) revisions.set(key, made.metadata.resourceVersion ?? '')
      else await refresh(client, history, `${collection}/${key}`, key, revisions)
    } else if (n % 23 === 22) {
      await attempt(history, history.write(op, 'delete', key), () => client.delete(`${collection}/${key}`))
      await refresh(client, history, `${collection}/${key}`, key, revisions)
    } else {
      const made = await attempt(history, history.write(op, 'update', key), () =>
        client.update(`${collection}/${key}`, object),
      )
      if (made !== undefined) revisions.set(key, made.metadata.resourceVersion ?? '')
      else await refresh(client, history, `${collection}/${key}`, key, revisions)
    }
    await pace(startedMs, writesPerSecond, signal)
  }
}

export async function runCountingWriter(options: WriterOptions & { readonly counter: string }): Promise<void> {
  const { client, history, collection, name, counter, writesPerSecond, padBytes, signal } = options
  const pad = 'x'.repeat(padBytes)
  for (let n = 0; !signal.aborted; n++) {
    const startedMs = performance.now()
    const op = `${name}.${n}`
    const current = await readCounter(options)
    if (current === 'missing') {
      const first = { metadata: { name: counter, labels: { writer: 'counter' } }, data: { op, pad, count: '1' } }
      await attempt(history, history.write(op, 'create', counter), () => client.create(collection, first))
    } else if (current !== undefined) {
      const count = String(Number((current.data as Record<string, string>).count) + 1) // Our own object: data holds strings.
      const { resourceVersion } = current.metadata
      const next = {
        metadata: { name: counter, labels: { writer: 'counter' }, resourceVersion },
        data: { op, pad, count },
      }
      await attempt(history, history.write(op, 'update', counter), () =>
        client.update(`${collection}/${counter}`, next),
      )
    }
    await pace(startedMs, writesPerSecond, signal)
  }
}

/** A consistent read, recorded; undefined when it failed. */
async function readCounter({
  client,
  history,
  collection,
  counter,
}: WriterOptions & { readonly counter: string }): Promise<KubeObject | 'missing' | undefined> {
  const invokedMs = performance.now()
  try {
    const object = await client.get(`${collection}/${counter}`)
    const { op } = object.data as Record<string, string> // Our own object.
    history.reads.push({
      kind: 'get',
      key: counter,
      invokedMs,
      completedMs: performance.now(),
      revision: Number(object.metadata.resourceVersion),
      op: op ?? '',
    })
    return object
  } catch (error) {
    history.failed(`get ${counter}`, error)
    return error instanceof StatusError && error.code === 404 ? 'missing' : undefined
  }
}

/** Runs one write and fills in its record. Undefined when it was not acknowledged. */
async function attempt(
  history: History,
  record: WriteRecord,
  write: () => Promise<KubeObject>,
): Promise<KubeObject | undefined> {
  try {
    const object = await write()
    record.outcome = 'ok'
    if (record.kind !== 'delete') record.revision = Number(object.metadata.resourceVersion)
    return object
  } catch (error) {
    record.outcome = outcomeOf(error)
    history.failed(`${record.kind} ${record.key}`, error)
    return undefined
  } finally {
    record.completedMs = performance.now()
  }
}

/** 4xx and 503 promise that nothing was applied; so does a connection that was never made. All else may have been. */
function outcomeOf(error: unknown): 'failed' | 'unknown' {
  if (error instanceof StatusError) return error.code < 500 || error.code === 503 ? 'failed' : 'unknown'
  if (error instanceof ConnectionError) return error.sent ? 'unknown' : 'failed'
  return 'unknown'
}

/** After a write without acknowledgement: what is there now? */
async function refresh(
  client: KubeClient,
  history: History,
  path: string,
  key: string,
  revisions: Map<string, string>,
): Promise<void> {
  try {
    revisions.set(key, (await client.get(path)).metadata.resourceVersion ?? '')
  } catch (error) {
    history.failed(`get ${key}`, error)
    if (error instanceof StatusError && error.code === 404) revisions.delete(key)
  }
}

async function pace(startedMs: number, perSecond: number, signal: AbortSignal): Promise<void> {
  const waitMs = 1000 / perSecond - (performance.now() - startedMs)
  if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {})
}
