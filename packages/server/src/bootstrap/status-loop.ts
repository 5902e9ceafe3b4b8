// Keeps the conditions that the API server itself sets (status.ts): some moments after an object or what it refers to changes.
// Every replica runs it; whichever comes first writes, the others find it done.
import type { ServedResources } from '@keelson/api'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import type { RepeatedFailures } from '../repeated-failures.ts'
import type { Registries, ResourceRegistry } from '../registry/types.ts'
import { SYSTEM_WRITE } from '../system-write.ts'
import { isApplied, withAppliedCondition } from './status-apply.ts'
import { statusOf } from './status.ts'

type GroupResource = readonly [group: string, version: string, resource: string]

const WITH_STATUS: readonly GroupResource[] = [
  ['apiregistration.k8s.io', 'v1', 'apiservices'],
  ['flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas'],
  ['networking.k8s.io', 'v1', 'servicecidrs'],
]
/** What those refer to. */
const REFERRED: readonly GroupResource[] = [
  ['flowcontrol.apiserver.k8s.io', 'v1', 'prioritylevelconfigurations'],
  ['', 'v1', 'services'],
]
/** Between a change and the pass that answers it: changes come in bursts, and a pass reads some forty small objects. */
const DELAY_MS = 200

export interface StatusLoopOptions {
  readonly registries: Registries
  readonly served: ServedResources
  readonly failures: RepeatedFailures
}

/** One pass over everything. */
export async function settleStatuses(options: StatusLoopOptions): Promise<void> {
  for (const each of WITH_STATUS) {
    const registry = registryOf(options, each)
    if (registry !== undefined) await settleResource(registry, options.registries)
  }
}

/** Passes after changes, until `signal` aborts. */
export function startStatusLoop(options: StatusLoopOptions, signal: AbortSignal): void {
  let timer: NodeJS.Timeout | undefined
  let running = false
  let changedMeanwhile = false
  const changed = (): void => {
    if (running) changedMeanwhile = true
    else timer ??= setTimeout(pass, DELAY_MS).unref()
  }
  const pass = (): void => {
    timer = undefined
    running = true
    changedMeanwhile = false
    settleStatuses(options)
      .then(
        () => options.failures.succeeded(DOING),
        (error: unknown) => {
          if (!signal.aborted) options.failures.failed(DOING, error)
        },
      )
      .finally(() => {
        running = false
        if (changedMeanwhile && !signal.aborted) changed()
      })
  }
  const subscriptions = [...WITH_STATUS, ...REFERRED].flatMap((each) => {
    const registry = registryOf(options, each)
    // Its revision moves without an event, too.
    return registry === undefined ? [] : [registry.cache.subscribe((from, end) => void (from < end && changed()))]
  })
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(timer)
      for (const unsubscribe of subscriptions) unsubscribe()
    },
    { once: true },
  )
  // What came since the last pass was not told.
  changed()
}

/** An apply says itself whose the fields are. */
const UNTRACKED = { ...SYSTEM_WRITE, fieldManager: undefined, subresource: 'status' }
const TRACKED = { ...SYSTEM_WRITE, subresource: 'status' }

const DOING = 'conditions of API services and flow schemas'

function registryOf({ registries, served }: StatusLoopOptions, each: GroupResource): ResourceRegistry | undefined {
  return served.findResource(...each) === undefined ? undefined : registries.get(...each)
}

async function settleResource(registry: ResourceRegistry, registries: Registries): Promise<void> {
  for (const { json, name } of registry.cache.snapshot()) {
    const object = JSON.parse(json.toString()) as KubeObject // The cache holds objects only.
    const status = statusOf(object, registries)
    if (status === undefined) continue
    const transform = (current: KubeObject): KubeObject =>
      withAppliedCondition(current, status, registry) ?? { ...current, status }
    const write = isApplied(object) ? UNTRACKED : TRACKED
    try {
      await registry.update('', name, transform, 'status', write)
    } catch (error) {
      if (!(error instanceof StatusError) || (error.code !== 409 && error.code !== 404)) throw error
    }
  }
}
