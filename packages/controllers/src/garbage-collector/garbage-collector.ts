// Objects go with their owners. Watches over everything feed the graph of owners; what it points out is judged by workers, who
// ask the server first.
//
//   monitors.ts ──► graph.ts ──attemptToDelete──► queue ──► collector.ts ──► api.ts: get, delete, patch
//                       ▲     ──attemptToOrphan──► queue ──►     │
//                       └────── it is not there, says the server ┘
import { type WorkQueue, createEventRecorder, workOff } from '@keelson/client'
import { setTimeout as delay } from 'node:timers/promises'
import type { Controller, ControllerContext } from '../controller.ts'
import { controllerQueue } from '../queue.ts'
import { AbsentOwners } from './absent-owners.ts'
import { CollectorApi, UnknownKind } from './api.ts'
import { attemptToDelete, attemptToOrphan } from './collector.ts'
import { Graph } from './graph.ts'
import { describe, identityOf } from './identity.ts'
import { Monitors } from './monitors.ts'
import type { Node } from './node.ts'

export interface GarbageCollectorContext extends ControllerContext {
  /** How often resources are discovered: 30 s by default. */
  readonly resyncMs?: number
  readonly onSyncError?: () => void
}

const RESYNC_MS = 30_000
/** Garbage is collected though not every resource was listed by then: one that cannot be must not keep the others. */
const SYNC_TIMEOUT_MS = 30_000
const COMPONENT = 'garbage-collector-controller'

export function createGarbageCollector(context: GarbageCollectorContext): Controller {
  return { run: (signal) => new GarbageCollector(context).run(signal) }
}

class GarbageCollector {
  readonly #context: GarbageCollectorContext
  readonly #deletions: WorkQueue<Node>
  readonly #orphans: WorkQueue<Node>
  readonly #absentOwners = new AbsentOwners()
  readonly #graph: Graph
  readonly #monitors: Monitors
  readonly #api: CollectorApi
  readonly #events: ReturnType<typeof createEventRecorder>

  constructor(context: GarbageCollectorContext) {
    const { client, logger, onSyncError = () => {} } = context
    this.#context = context
    this.#deletions = controllerQueue('garbage_collector_attempt_to_delete', context)
    this.#orphans = controllerQueue('garbage_collector_attempt_to_orphan', context)
    this.#events = createEventRecorder(client, COMPONENT, (error) =>
      logger.warn({ err: error }, 'an event was not recorded'),
    )
    this.#graph = new Graph(
      {
        attemptToDelete: (node) => this.#deletions.add(node),
        attemptToDeleteLater: (node) => this.#deletions.addRateLimited(node),
        attemptToOrphan: (node) => this.#orphans.add(node),
        foundOwnerElsewhere: (node, uid) => this.#warnOfNamespace(node, uid),
      },
      this.#absentOwners,
    )
    this.#monitors = new Monitors({ client, graph: this.#graph, logger, onSyncError })
    this.#api = new CollectorApi(client, () => this.#monitors.discovery)
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#monitors.sync(signal)
    const syncing = this.#resync(signal)
    try {
      await this.#monitors.whenSynced(AbortSignal.any([signal, AbortSignal.timeout(SYNC_TIMEOUT_MS)]))
    } catch {
      if (!signal.aborted)
        this.#context.logger.warn({}, 'not every resource could be listed: going on without the rest')
    }
    const { workers } = this.#context
    await Promise.all([
      syncing,
      workOff(
        this.#deletions,
        { workers, reconcile: (node) => this.#judge(node, signal), onError: this.#onError },
        signal,
      ),
      workOff(
        this.#orphans,
        { workers, reconcile: (node) => attemptToOrphan(this.#parts, node, signal), onError: this.#onError },
        signal,
      ),
    ])
    await this.#monitors.ended()
  }

  async #resync(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(this.#context.resyncMs ?? RESYNC_MS, undefined, { signal }).catch(() => {})
      if (!signal.aborted) await this.#monitors.sync(signal)
    }
  }

  async #judge(node: Node, signal: AbortSignal): Promise<void> {
    if (!(await attemptToDelete(this.#parts, node, signal))) throw new StillVirtual(describe(node.identity))
  }

  get #parts(): Parameters<typeof attemptToDelete>[0] {
    const { logger } = this.#context
    const enqueue = (node: Node): void => this.#deletions.add(node)
    return { api: this.#api, graph: this.#graph, absentOwners: this.#absentOwners, logger, enqueue }
  }

  readonly #onError = (error: unknown, node: Node): void => {
    const isUsual = error instanceof UnknownKind || error instanceof StillVirtual
    const fields = { err: error, object: describe(node.identity) }
    if (isUsual) this.#context.logger.debug(fields, 'an object is looked at again later')
    else this.#context.logger.warn(fields, 'an object could not be judged and is tried again')
  }

  #warnOfNamespace(node: Node, ownerUid: string): void {
    const reference = node.owners.find(({ uid }) => uid === ownerUid)
    if (reference === undefined) return
    const { namespace } = node.identity
    const owner = describe(identityOf(reference, namespace))
    this.#events.record(
      node.identity,
      'Warning',
      'OwnerRefInvalidNamespace',
      `ownerRef ${owner} does not exist in namespace ${JSON.stringify(namespace)}`,
    )
  }
}

/** A reference points at it, it exists, and no watch has shown it yet. */
class StillVirtual extends Error {
  override readonly name = 'StillVirtual'
}
