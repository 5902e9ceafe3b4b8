// Ends namespaces. DELETE makes a namespace Terminating; this controller empties it, says in its conditions how far that is, and
// takes `kubernetes` off spec.finalizers when nothing is left: then the API server removes it.
//
//   marked ──a moment later──► pass: delete all, count ──nothing left──► finalize ──► gone
//                                 ▲          │
//                                 └──── half of what it should take later (pods stopping, finalizers), or after an error
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { Informer, type Reconciled, ResourceClient, workOff } from '@keelson/client'
import type { Controller, ControllerContext } from '../controller.ts'
import { controllerQueue } from '../queue.ts'
import { tellWatchFailures } from '../watch-failures.ts'
import { type NamespaceCondition, updatedConditions } from './conditions.ts'
import { deleteContent } from './content.ts'

export interface NamespaceControllerContext extends ControllerContext {
  /**
   * Between the mark and the first pass: other replicas must have seen the mark, and refuse new content, before the old is
   * deleted. 5 s as upstream by default.
   */
  readonly delayMs?: number
}

interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] }
  status?: { phase?: string; conditions?: NamespaceCondition[] }
}

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' }
const FINALIZER = 'kubernetes'
const DELAY_MS = 5_000
/** A namespace is tried again at least every minute, as upstream's. */
const LONGEST_RETRY_MS = 60_000

export function createNamespaceController(context: NamespaceControllerContext): Controller {
  const { client, logger, workers, delayMs = DELAY_MS } = context
  return {
    async run(signal) {
      const queue = controllerQueue<string>('namespace', context, LONGEST_RETRY_MS)
      const enqueue = ({ metadata }: KubeObject): void => {
        if (metadata.deletionTimestamp !== undefined) queue.addAfter(metadata.name ?? '', delayMs)
      }
      const informer = new Informer(client, '/api/v1/namespaces', {
        metadata: true,
        transform: onlyMark,
        onError: tellWatchFailures(logger, 'namespaces'),
      })
      informer.addHandlers({ added: enqueue, updated: (_, namespace) => enqueue(namespace) })
      const reconciler = new NamespaceReconciler(context)
      const onError = (error: unknown, name: string): void =>
        logger.warn({ err: error, namespace: name }, 'a namespace could not be emptied and is tried again')
      const reconcile = (name: string): Promise<Reconciled> => reconciler.reconcile(name, signal)
      await Promise.all([informer.run(signal), workOff(queue, { workers, reconcile, onError }, signal)])
    },
  }
}

/** All that the informer is asked. */
const onlyMark = ({ apiVersion, kind, metadata }: KubeObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: {
    ...(metadata.name !== undefined && { name: metadata.name }),
    ...(metadata.uid !== undefined && { uid: metadata.uid }),
    ...(metadata.resourceVersion !== undefined && { resourceVersion: metadata.resourceVersion }),
    ...(metadata.deletionTimestamp !== undefined && { deletionTimestamp: metadata.deletionTimestamp }),
  },
})

class NamespaceReconciler {
  readonly #context: ControllerContext
  readonly #namespaces: ResourceClient<Namespace>

  constructor(context: ControllerContext) {
    this.#context = context
    this.#namespaces = new ResourceClient<Namespace>(context.client, NAMESPACES)
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Reconciled> {
    const found = await this.#namespaces.get(name, signal).catch(absent)
    if (found?.metadata.deletionTimestamp === undefined) return
    const namespace = await this.#write(found, signal, (current) =>
      current.status?.phase === 'Terminating'
        ? Promise.resolve(current)
        : this.#namespaces.updateStatus(
            { ...current, status: { ...current.status, phase: 'Terminating' } },
            {},
            signal,
          ),
    )
    if (namespace === undefined || (namespace.spec?.finalizers ?? []).length === 0) return

    const deletedAt = new Date(found.metadata.deletionTimestamp)
    const pass = await deleteContent(this.#context.client, name, deletedAt, signal)
    const told = await this.#tell(namespace, pass, signal)
    const errors = [...(pass.discoveryError === undefined ? [] : [pass.discoveryError]), ...pass.contentErrors]
    if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`)
    if (pass.estimateSeconds > 0) return { againAfterMs: (Math.floor(pass.estimateSeconds / 2) + 1) * 1000 }
    await this.#write(told, signal, (current) =>
      this.#namespaces.updateSubresource(withoutFinalizer(current), 'finalize', {}, signal),
    )
    this.#context.logger.info({ namespace: name }, 'a namespace was emptied')
  }

  /** What it says must not keep it from going: a failure here is told, and the next pass says it anew. */
  async #tell(
    namespace: Namespace,
    pass: Parameters<typeof updatedConditions>[1],
    signal: AbortSignal,
  ): Promise<Namespace> {
    const conditions = updatedConditions(namespace.status?.conditions ?? [], pass, timestamp())
    if (conditions === undefined) return namespace
    try {
      return await this.#namespaces.updateStatus(
        { ...namespace, status: { ...namespace.status, conditions } },
        {},
        signal,
      )
    } catch (error) {
      this.#context.logger.warn(
        { err: error, namespace: namespace.metadata.name },
        'the conditions of a namespace were not written',
      )
      return namespace
    }
  }

  /** Again from what is there now after a lost race. Undefined: it is gone, or another of its name is there. */
  async #write(
    namespace: Namespace,
    signal: AbortSignal,
    write: (current: Namespace) => Promise<Namespace>,
  ): Promise<Namespace | undefined> {
    for (let current: Namespace | undefined = namespace; ;) {
      try {
        return await write(current)
      } catch (error) {
        if (error instanceof StatusError && error.code === 404) return undefined
        if (!(error instanceof StatusError) || error.code !== 409) throw error
        current = await this.#namespaces.get(namespace.metadata.name ?? '', signal).catch(absent)
        if (current === undefined || current.metadata.uid !== namespace.metadata.uid) return undefined
      }
    }
  }
}

function withoutFinalizer(namespace: Namespace): Namespace {
  const { status: _, ...rest } = namespace
  const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER)
  return { ...rest, metadata: namespace.metadata, spec: { ...namespace.spec, finalizers } }
}

function absent(error: unknown): undefined {
  if (error instanceof StatusError && error.code === 404) return undefined
  throw error
}

/** metav1.Time: whole seconds. */
const timestamp = (): string => `${new Date().toISOString().slice(0, 19)}Z`
