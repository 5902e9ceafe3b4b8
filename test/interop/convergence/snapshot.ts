// All that a server holds, without what two servers cannot share; and waiting until it changes no more.
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeObject } from '@keelson/apimachinery'
import { type DiscoveredResource, discover, preferredResources, resourcePath } from '@keelson/client'
import { nameOf, normalize, withoutRandomSuffix } from './normalize.ts'
import type { Side } from './side.ts'

export interface Snapshot {
  /** By `resource.group`, then by `namespace/name`: the texts of all objects that come to this name, sorted. */
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
  /** What Events say, each once: of which object, which type, reason and component. */
  readonly events: ReadonlySet<string>
}

/** Not compared, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  events: 'compared by their reasons',
  'events.events.k8s.io': 'the same Events in their other group',
  componentstatuses: 'asks for the health of processes',
  endpoints: 'mirrored by endpoint slices; see below for those of a user',
}

/** Objects that belong to the servers and not to what runs on them. */
function isOfTheServer({ metadata: { namespace, name, labels } }: KubeObject, resource: string): boolean {
  if (resource === 'leases.coordination.k8s.io') return namespace === 'kube-system'
  // The address under which the API server is found.
  return namespace === 'default' && (name === 'kubernetes' || labels?.['kubernetes.io/service-name'] === 'kubernetes')
}

export async function takeSnapshot(side: Side): Promise<Snapshot> {
  const resources = preferredResources(await discover(side.client), ['list', 'create'])
  const objects = new Map<string, ReadonlyMap<string, readonly string[]>>()
  for (const resource of resources) {
    const name = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`
    if (name in LEFT_OUT) continue
    objects.set(name, await objectsOf(side, resource, name))
  }
  const { items } = await side.client.list('/api/v1/events')
  return { objects, events: new Set(items.map(describeEvent).filter((event) => !BY_CHANCE.test(event))) }
}

async function objectsOf(side: Side, resource: DiscoveredResource, name: string): Promise<Map<string, string[]>> {
  const { items } = await side.client.list(resourcePath(resource))
  const found = new Map<string, string[]>()
  for (const item of items) {
    if (isOfTheServer(item, name)) continue
    const object = { ...item, kind: resource.kind }
    const key = `${item.metadata.namespace ?? ''}/${nameOf(object)}`
    const text = JSON.stringify(normalize(object), undefined, 1)
    const others = found.get(key)
    if (others === undefined) found.set(key, [text])
    else others.push(text)
  }
  for (const texts of found.values()) texts.sort()
  return found
}

/**
 * Events of controllers that were ahead of their own caches or of each other: a Pod that waited for its node, endpoints that were
 * written twice, a StatefulSet whose old Pod had not gone yet, a Job of a CronJob that had.
 */
const BY_CHANCE =
  / (FailedScheduling|FailedTo(Create|Update)Endpoint(Slices)?) |^StatefulSet churn-\d\/\S+ Warning Failed|^CronJob \S+ Warning FailedDelete |LeaderElection/

function describeEvent(event: KubeObject): string {
  const { type, reason, source, reportingComponent, involvedObject } = event as unknown as {
    type: string
    reason: string
    source?: { component?: string }
    reportingComponent?: string
    involvedObject: { kind: string; namespace?: string; name: string }
  } // What a core Event has.
  const { kind, namespace = '', name } = involvedObject
  const of = kind === 'Lease' ? '' : ` ${namespace}/${withoutRandomSuffix(name)}`
  return `${kind}${of} ${type} ${reason} (${source?.component ?? reportingComponent ?? ''})`
}

const QUIET_MS = 30_000
const LOOK_EVERY_MS = 10_000
const REST_TIMEOUT_MS = 300_000

/** The first snapshot that has stayed the same for 30 s; the last one when there is none within 5 min, and so it is written down. */
export async function whenAtRest(side: Side): Promise<Snapshot> {
  const deadline = performance.now() + REST_TIMEOUT_MS
  let since = performance.now()
  let last = await takeSnapshot(side)
  for (;;) {
    await delay(LOOK_EVERY_MS)
    const next = await takeSnapshot(side)
    if (!isSame(last, next)) since = performance.now()
    last = next
    if (performance.now() - since >= QUIET_MS) return last
    if (performance.now() > deadline) {
      side.missed.push(`not within ${REST_TIMEOUT_MS / 1000} s: nothing changes any more`)
      return last
    }
  }
}

function isSame(one: Snapshot, other: Snapshot): boolean {
  const text = ({ objects, events }: Snapshot): string =>
    JSON.stringify([[...objects].map(([name, found]) => [name, [...found]]), [...events].sort()])
  return text(one) === text(other)
}
