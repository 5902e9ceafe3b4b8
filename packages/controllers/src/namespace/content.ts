// Empties a namespace, one pass at a time: asks for the deletion of everything that can be deleted, and counts what is left.
// What is left has a grace period (pods) or finalizers; when neither explains it, that is an error.
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import {
  type DiscoveredResource,
  GroupDiscoveryFailed,
  type KubeClient,
  ResourceClient,
  discover,
  preferredResources,
} from '@keelson/client'
import type { Findings } from './conditions.ts'

export interface ContentPass extends Findings {
  /** Seconds until what is left should be gone; 0: nothing is left that is known of. */
  readonly estimateSeconds: number
}

/** What finalizers take, for all that is known. */
const FINALIZER_SECONDS = 15
/** Resources that are emptied at a time. */
const CONCURRENCY = 4

export async function deleteContent(
  client: KubeClient,
  namespace: string,
  deletedAt: Date,
  signal: AbortSignal,
): Promise<ContentPass> {
  const tally = new Tally()
  const resources = await namespacedResources(client, tally, signal)
  const empty = async (resource: DiscoveredResource): Promise<void> => {
    try {
      await emptyResource({ client, resource, namespace, deletedAt, tally, signal })
    } catch (error) {
      signal.throwIfAborted()
      tally.contentErrors.push(messageOf(error))
    }
  }
  // Pods first: what is left of them may still use the rest (ConfigMaps, network policies; KEP-5080).
  const pods = resources.find(isPods)
  if (pods !== undefined) await empty(pods)
  if (tally.remaining.size > 0) return { ...tally.pass, remaining: undefined, finalizers: undefined }
  const others = resources.filter((resource) => resource !== pods).values()
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (const resource of others) await empty(resource)
    }),
  )
  return tally.pass
}

class Tally {
  discoveryError: string | undefined
  readonly contentErrors: string[] = []
  readonly remaining = new Map<string, number>()
  readonly finalizers = new Map<string, number>()
  #estimateSeconds = 0

  takeLonger(seconds: number): void {
    this.#estimateSeconds = Math.max(this.#estimateSeconds, seconds)
  }

  get pass(): ContentPass {
    const { discoveryError, contentErrors, remaining, finalizers } = this
    return { discoveryError, contentErrors, remaining, finalizers, estimateSeconds: this.#estimateSeconds }
  }
}

/** What an aggregated server hides does not keep the rest from being deleted; it keeps the namespace. */
async function namespacedResources(
  client: KubeClient,
  tally: Tally,
  signal: AbortSignal,
): Promise<DiscoveredResource[]> {
  try {
    const discovery = await discover(client, signal)
    if (discovery.failed.size > 0) {
      const failure = new GroupDiscoveryFailed(discovery.failed)
      tally.discoveryError = `Discovery failed for some groups, ${discovery.failed.size} failing: ${failure.message}`
    }
    return preferredResources(discovery, ['delete']).filter(({ namespaced }) => namespaced)
  } catch (error) {
    signal.throwIfAborted()
    tally.discoveryError = messageOf(error)
    return []
  }
}

interface Emptying {
  readonly client: KubeClient
  readonly resource: DiscoveredResource
  readonly namespace: string
  readonly deletedAt: Date
  readonly tally: Tally
  readonly signal: AbortSignal
}

async function emptyResource(emptying: Emptying): Promise<void> {
  const { client, resource, namespace, tally, signal } = emptying
  const graceSeconds = isPods(resource) ? await graceOfPods(emptying) : 0
  const objects = new ResourceClient(client, resource, { namespace, metadata: true })
  let left: Left
  try {
    if (!(await deleteCollection(objects, resource, signal))) await deleteEach(objects, resource, signal)
    left = await countLeft(objects, resource, signal)
  } catch (error) {
    tally.takeLonger(graceSeconds)
    throw error
  }
  if (left.count === 0) return
  tally.remaining.set(`${resource.resource}.${resource.group}`, left.count)
  for (const [finalizer, count] of left.finalizers) {
    tally.finalizers.set(finalizer, (tally.finalizers.get(finalizer) ?? 0) + count)
  }
  if (graceSeconds === 0 && left.finalizers.size === 0) throw unexplained(resource, namespace)
  tally.takeLonger(graceSeconds || FINALIZER_SECONDS)
}

const unexplained = ({ group, version, resource }: DiscoveredResource, namespace: string): Error =>
  new Error(
    `unexpected items still remain in namespace: ${namespace} for gvr: ${group}/${version}, Resource=${resource}`,
  )

/** False: it cannot be done. */
async function deleteCollection(
  objects: ResourceClient,
  { verbs }: DiscoveredResource,
  signal: AbortSignal,
): Promise<boolean> {
  if (!verbs.includes('deletecollection')) return false
  return supported(objects.deleteCollection({ propagationPolicy: 'Background' }, {}, signal))
}

async function deleteEach(objects: ResourceClient, { verbs }: DiscoveredResource, signal: AbortSignal): Promise<void> {
  if (!verbs.includes('list')) return
  for await (const { items } of objects.pages({}, signal)) {
    for (const { metadata } of items) {
      await supported(objects.delete(metadata.name ?? '', { propagationPolicy: 'Background' }, signal))
    }
  }
}

interface Left {
  count: number
  readonly finalizers: Map<string, number>
}

async function countLeft(objects: ResourceClient, { verbs }: DiscoveredResource, signal: AbortSignal): Promise<Left> {
  const left: Left = { count: 0, finalizers: new Map() }
  if (!verbs.includes('list')) return left
  await supported(
    (async () => {
      for await (const { items } of objects.pages({}, signal)) {
        left.count += items.length
        for (const { metadata } of items) {
          for (const finalizer of metadata.finalizers ?? []) {
            left.finalizers.set(finalizer, (left.finalizers.get(finalizer) ?? 0) + 1)
          }
        }
      }
    })(),
  )
  return left
}

/** False: the server does not know the resource (any more), or not this verb of it. */
async function supported(request: Promise<unknown>): Promise<boolean> {
  try {
    await request
    return true
  } catch (error) {
    if (error instanceof StatusError && (error.code === 404 || error.code === 405)) return false
    throw error
  }
}

interface Pod extends KubeObject {
  spec?: { terminationGracePeriodSeconds?: number }
  status?: { phase?: string }
}

/** Seconds that the pods which still run may take to stop; 0 when that time is over. */
async function graceOfPods({ client, resource, namespace, deletedAt, signal }: Emptying): Promise<number> {
  let longest = 0
  for await (const { items } of new ResourceClient<Pod>(client, resource, { namespace }).pages({}, signal)) {
    for (const { spec, status } of items) {
      if (status?.phase === 'Succeeded' || status?.phase === 'Failed') continue
      longest = Math.max(longest, spec?.terminationGracePeriodSeconds ?? 0)
    }
  }
  return Date.now() - deletedAt.getTime() >= longest * 1000 ? 0 : longest
}

const isPods = ({ group, resource }: DiscoveredResource): boolean => group === '' && resource === 'pods'

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
