// Which controllers there are, under upstream's names, and which of them `--controllers` asks for.
import type { KubeClient, QueueObserver } from '@keelson/client'
import type { Controller, ControllerLogger } from './controller.ts'
import { createGarbageCollector } from './garbage-collector/garbage-collector.ts'
import { createNamespaceController } from './namespace/namespace-controller.ts'
import { createServiceAccountController } from './service-account/service-account-controller.ts'

export interface ControllersContext {
  readonly logger: ControllerLogger
  /** A client for one controller: with limits of its own, `factor` times those of the process. */
  readonly client: (limits: { readonly queriesFactor: number; readonly burstFactor: number }) => KubeClient
  /** By the name of a controller; else what is usual for it. */
  readonly workers?: Readonly<Record<string, number | undefined>>
  readonly namespaceDelayMs?: number
  /** Of the garbage collector: resources could not be discovered. */
  readonly onSyncError?: () => void
  readonly observeQueue?: (name: string) => QueueObserver
}

interface ControllerEntry {
  readonly name: string
  /** What it was called before Kubernetes 1.28, and still may be. */
  readonly alias: string
  readonly workers: number
  /** Multiples of --kube-api-qps and --kube-api-burst, as upstream grants them. */
  readonly queriesFactor: number
  readonly burstFactor: number
  readonly create: (context: ControllersContext, client: KubeClient, workers: number) => Controller
}

const CONTROLLERS: readonly ControllerEntry[] = [
  {
    name: 'garbage-collector-controller',
    alias: 'garbagecollector',
    workers: 20,
    // A deletion is two requests.
    queriesFactor: 2,
    burstFactor: 1,
    create: ({ logger, onSyncError, observeQueue }, client, workers) =>
      createGarbageCollector({
        client,
        logger,
        workers,
        ...(onSyncError !== undefined && { onSyncError }),
        ...(observeQueue !== undefined && { observeQueue }),
      }),
  },
  {
    name: 'namespace-controller',
    alias: 'namespace',
    workers: 10,
    queriesFactor: 20,
    burstFactor: 100,
    create: ({ logger, namespaceDelayMs: delayMs, observeQueue }, client, workers) =>
      createNamespaceController({
        client,
        logger,
        workers,
        ...(delayMs !== undefined && { delayMs }),
        ...(observeQueue !== undefined && { observeQueue }),
      }),
  },
  {
    name: 'serviceaccount-controller',
    alias: 'serviceaccount',
    workers: 1,
    queriesFactor: 1,
    burstFactor: 1,
    create: ({ logger, observeQueue }, client, workers) =>
      createServiceAccountController({
        client,
        logger,
        workers,
        ...(observeQueue !== undefined && { observeQueue }),
      }),
  },
]

export const controllerNames = (): string[] => CONTROLLERS.map(({ name }) => name)

/**
 * `*` is every controller, `name` is that one, `-name` is all but that one; the first word about a controller counts. Throws
 * RangeError for a name that no controller has.
 */
export function selectControllers(words: readonly string[]): string[] {
  const named = words.filter((word) => word !== '*').map((word) => word.replace(/^-/, ''))
  for (const word of named) {
    if (!CONTROLLERS.some(({ name, alias }) => name === word || alias === word)) {
      throw new RangeError(`${JSON.stringify(word)} is not in the list of known controllers`)
    }
  }
  return CONTROLLERS.filter(({ name, alias }) => {
    const word = words.find((each) => [name, alias, `-${name}`, `-${alias}`].includes(each))
    return word === undefined ? words.includes('*') : !word.startsWith('-')
  }).map(({ name }) => name)
}

/** Runs them until the signal aborts; rejects when one of them fails, which is a fault. */
export async function runControllers(
  names: readonly string[],
  context: ControllersContext,
  signal: AbortSignal,
): Promise<void> {
  const chosen = CONTROLLERS.filter(({ name }) => names.includes(name))
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  await Promise.all(
    chosen.map(async ({ name, create, queriesFactor, burstFactor, workers }) => {
      const client = context.client({ queriesFactor, burstFactor })
      context.logger.info({ controller: name }, 'starting a controller')
      try {
        await create(context, client, context.workers?.[name] ?? workers).run(either)
      } catch (error) {
        failed.abort(error)
        throw error
      }
    }),
  )
}
