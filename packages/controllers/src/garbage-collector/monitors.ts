// A watch over every resource that can be listed, watched and deleted: only metadata, and of that only what the graph needs.
// Which resources there are is asked again every 30 s: custom ones join, and those that are no longer served leave.
import type { KubeObject } from '@keelson/apimachinery'
import {
  type DiscoveredResource,
  type Discovery,
  Informer,
  type KubeClient,
  discover,
  preferredResources,
  resourcePath,
} from '@keelson/client'
import type { ControllerLogger } from '../controller.ts'
import type { Graph, Metadata } from './graph.ts'

export interface MonitorsOptions {
  readonly client: KubeClient
  readonly graph: Graph
  readonly logger: ControllerLogger
  /** Told when the resources could not be discovered, or not all of them. */
  readonly onSyncError: () => void
}

interface Monitor {
  readonly informer: Informer
  readonly ending: AbortController
  readonly ended: Promise<void>
}

/** They have no owners worth following, and there are very many. */
const IGNORED: ReadonlySet<string> = new Set(['/events', 'events.k8s.io/events'])

export class Monitors {
  readonly #options: MonitorsOptions
  readonly #monitors = new Map<string, Monitor>()
  #discovery: Discovery | undefined

  constructor(options: MonitorsOptions) {
    this.#options = options
  }

  get discovery(): Discovery | undefined {
    return this.#discovery
  }

  get isSynced(): boolean {
    return this.#monitors.size > 0 && [...this.#monitors.values()].every(({ informer }) => informer.isSynced)
  }

  /** Resolves when every resource that is watched now was listed once. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#monitors.values()].map(({ informer }) => informer.whenSynced(signal)))
  }

  /** Begins to watch what is new and ends what is gone. Never throws. */
  async sync(signal: AbortSignal): Promise<void> {
    const { client, logger, onSyncError } = this.#options
    let found: Discovery
    try {
      found = await discover(client, signal)
    } catch (error) {
      if (signal.aborted) return
      onSyncError()
      logger.warn({ err: error }, 'resources could not be discovered; those known before are watched')
      return
    }
    if (found.failed.size > 0) onSyncError()
    this.#discovery = withKnown(found, this.#discovery)
    const wanted = new Map(
      preferredResources(this.#discovery, ['delete', 'list', 'watch'])
        .filter(({ group, resource }) => !IGNORED.has(`${group}/${resource}`))
        .map((resource) => [resourcePath(resource), resource]),
    )
    for (const [path, resource] of wanted) if (!this.#monitors.has(path)) this.#start(path, resource, signal)
    for (const [path, monitor] of this.#monitors) {
      if (wanted.has(path)) continue
      this.#monitors.delete(path)
      monitor.ending.abort(new Error(`${path} is no longer served`))
    }
  }

  /** After the signal aborted. */
  async ended(): Promise<void> {
    await Promise.all([...this.#monitors.values()].map(({ ended }) => ended))
  }

  #start(path: string, resource: DiscoveredResource, signal: AbortSignal): void {
    const { client, graph, logger } = this.#options
    const ending = new AbortController()
    const informer = new Informer(client, path, {
      metadata: true,
      transform: metadataFor(resource),
      onError: (error) => logger.debug({ err: error, path }, 'a resource is watched again after a failure'),
    })
    informer.addHandlers({
      added: (object) => graph.observe(object),
      updated: (old, object) => graph.observe(object, old),
      deleted: (object) => graph.remove(object),
    })
    const ended = informer.run(AbortSignal.any([signal, ending.signal]))
    this.#monitors.set(path, { informer, ending, ended })
  }
}

/** What a server that does not answer serves is not gone: it is known as it was. */
function withKnown(found: Discovery, before: Discovery | undefined): Discovery {
  if (found.failed.size === 0 || before === undefined) return found
  const key = ({ group, version, resource }: DiscoveredResource): string => `${group}/${version}/${resource}`
  const present = new Set(found.resources.map(key))
  const missing = before.resources.filter(
    (resource) => found.failed.has(`${resource.group}/${resource.version}`) && !present.has(key(resource)),
  )
  return { ...found, resources: [...found.resources, ...missing] }
}

/** Keeps the finalizers that mean something here. The kind is the resource's: an item says PartialObjectMetadata. */
function metadataFor({ group, version, kind }: DiscoveredResource): (object: KubeObject) => Metadata & KubeObject {
  const apiVersion = group === '' ? version : `${group}/${version}`
  return ({ metadata }) => {
    const { name, namespace, uid, resourceVersion, deletionTimestamp, ownerReferences } = metadata
    const finalizers = metadata.finalizers?.filter((each) => each === 'orphan' || each === 'foregroundDeletion') ?? []
    return {
      apiVersion,
      kind,
      metadata: {
        ...(name !== undefined && { name }),
        ...(namespace !== undefined && { namespace }),
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
        ...(deletionTimestamp !== undefined && { deletionTimestamp }),
        ...(ownerReferences !== undefined && { ownerReferences }),
        ...(finalizers.length > 0 && { finalizers }),
      },
    }
  }
}
