// Records Events about objects as client-go does: one that is repeated is counted up instead of made again, and an object about
// which there is too much to say is no longer spoken of (25 at once, then one in 5 minutes).
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import type { KubeClient } from './client.ts'
import { TokenBucket } from './rate-limiter.ts'
import { ResourceClient } from './resource-client.ts'

export interface EventSubject {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** '' for what is cluster-scoped; its Events are in `default`. */
  readonly namespace: string
  readonly uid: string
}

export interface EventRecorder {
  /** Returns at once. Events are advice: one that cannot be written is told to `onError` and given up. */
  record(about: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void
}

interface Recorded {
  readonly name: string
  count: number
}

const EVENTS = { group: '', version: 'v1', resource: 'events' }
/** Of what is remembered of events and of objects: the oldest is forgotten. */
const REMEMBERED = 4096
const SPAM_BURST = 25
const SPAM_PER_SECOND = 1 / 300

export function createEventRecorder(
  client: KubeClient,
  component: string,
  onError: (error: unknown) => void,
): EventRecorder {
  const events = new ResourceClient<KubeObject>(client, EVENTS)
  const recorded = new Map<string, Recorded>()
  const budgets = new Map<string, TokenBucket>()
  /** One after the other: the count of a repeated event must not overtake its creation. */
  let writing: Promise<void> = Promise.resolve()

  const write = async (about: EventSubject, type: string, reason: string, message: string): Promise<void> => {
    const key = JSON.stringify([about, type, reason, message])
    const namespace = about.namespace === '' ? 'default' : about.namespace
    const time = `${new Date().toISOString().slice(0, 19)}Z`
    const known = recorded.get(key)
    if (known !== undefined) {
      const patch = { count: known.count + 1, lastTimestamp: time }
      try {
        await events.namespace(namespace).patch(known.name, patch, 'application/merge-patch+json')
        known.count++
        return
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 404) throw error // Gone, as events go after an hour: made anew.
      }
    }
    // client-go's name has the nanoseconds; two of one millisecond must differ too.
    const nanoseconds = BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000))
    const name = `${about.name}.${nanoseconds.toString(16)}`
    await events.namespace(namespace).create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: { ...about, namespace: about.namespace || undefined },
      reason,
      message,
      type,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      source: { component },
      reportingComponent: component,
      reportingInstance: '',
    })
    remember(recorded, key, { name, count: 1 })
  }
  return {
    record(about, type, reason, message) {
      let budget = budgets.get(about.uid)
      if (budget === undefined) {
        budget = new TokenBucket(SPAM_PER_SECOND, SPAM_BURST)
        remember(budgets, about.uid, budget)
      }
      if (budget.tryTake()) writing = writing.then(() => write(about, type, reason, message)).catch(onError)
    },
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > REMEMBERED) for (const oldest of map.keys()) return void map.delete(oldest)
}
