// Makes the objects that every cluster has, and keeps them. Each replica runs it; whichever comes first makes an object, the
// others find it. A pass compares with the cache (memory), so passes of a healthy cluster cost nothing.
//
//   namespaces ─► everything else, many at a time ─► ready ─► statuses ─► every 60 s: a pass over what upstream guards
import { setTimeout as delay } from 'node:timers/promises'
import { type JsonObject, type KubeObject, StatusError, cloneJson } from '@keelson/apimachinery'
import { type ServedResources, bootstrapObjects } from '@keelson/api'
import type { Registries, ResourceRegistry, WriteContext } from '../registry/types.ts'
import type { RepeatedFailures } from '../repeated-failures.ts'
import { SYSTEM_WRITE } from '../system-write.ts'
import { type Reconcile, leaveAsIs, reconcileBinding, reconcileFlowControl, reconcileRole } from './reconcile.ts'
import { settleStatuses } from './status-loop.ts'

export interface BootstrapOptions {
  readonly registries: Registries
  /** Objects of kinds that are not served are not made. */
  readonly served: ServedResources
  /** `10.0.0.0/24`, one or two. */
  readonly serviceCidrs: readonly string[]
  /** The `kubernetes` service's address: the first of the range. */
  readonly serviceAddress: string
  /** The port behind the `kubernetes` service. */
  readonly servicePort: number
  /** PEM of the authority that signs clients, published for aggregated API servers. */
  readonly clientCa: string | undefined
  readonly failures: RepeatedFailures
}

export interface Bootstrap {
  /** Resolves when every object exists. Faults of the store are retried until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** One repairing pass over the objects that upstream guards while running. */
  repair(): Promise<void>
}

interface Family {
  readonly path: string
  readonly reconcile: Reconcile
  /** Looked after while running too, not only at start. */
  readonly guarded: boolean
  /** Whose the fields are; upstream's `kube-apiserver` by default. */
  readonly manager?: string
}

const FLOW_CONTROL = {
  reconcile: reconcileFlowControl,
  guarded: true,
  manager: 'api-priority-and-fairness-config-producer-v1',
}

const FAMILIES: readonly Family[] = [
  { path: '/apis/rbac.authorization.k8s.io/v1/clusterroles', reconcile: reconcileRole, guarded: false },
  { path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', reconcile: reconcileBinding, guarded: false },
  { path: '/apis/rbac.authorization.k8s.io/v1/roles', reconcile: reconcileRole, guarded: false },
  { path: '/apis/rbac.authorization.k8s.io/v1/rolebindings', reconcile: reconcileBinding, guarded: false },
  { path: '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', ...FLOW_CONTROL },
  { path: '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas', ...FLOW_CONTROL },
  { path: '/apis/scheduling.k8s.io/v1/priorityclasses', reconcile: leaveAsIs, guarded: false },
  { path: '/apis/apiregistration.k8s.io/v1/apiservices', reconcile: leaveAsIs, guarded: true },
]
const NAMESPACES: Family = { path: '/api/v1/namespaces', reconcile: leaveAsIs, guarded: true }

/** Writes in flight at once: enough to hide the store's latency, few enough to leave room for clients. */
const DEFAULT_OBJECTS = 'default objects'
const PARALLEL = 16
const RETRY_MS = 500
/** Longer than a write of another replica takes. */
const OTHERS_WRITE_MS = 100

export function createBootstrap(options: BootstrapOptions): Bootstrap {
  const facts = bootstrapObjects()
  const objectsOf = (family: Family): readonly JsonObject[] => {
    const objects = (facts[family.path] ?? []).filter((object) => describesServed(options.served, object))
    // A namespace's finalizer is the strategy's to set, so that it is nobody's in managedFields.
    return family === NAMESPACES ? objects.map(({ metadata }) => ({ metadata: metadata ?? {} })) : objects
  }

  // One object that is refused must not keep the others, or the server, from being ready. A fault of the store does.
  const ensureOne = async (registry: ResourceRegistry, expected: JsonObject, how: Guard): Promise<void> => {
    const refused = await refusalOf(ensure(registry, expected, how))
    if (refused === undefined) return
    // Another replica that is making it holds the address of the service before the service is there.
    await delay(OTHERS_WRITE_MS)
    const again = await refusalOf(ensure(registry, expected, how))
    if (again !== undefined) options.failures.failed('a default object', again)
  }
  const pass = async (families: readonly Family[]): Promise<void> => {
    const work = families.flatMap((family) => {
      const registry = registryOf(options, family.path)
      return registry === undefined
        ? []
        : objectsOf(family).map((expected) => () => ensureOne(registry, expected, family))
    })
    await inParallel(work)
  }
  const own = async (): Promise<void> => {
    await inParallel(
      ownObjects(options).map(({ path, object }) => async () => {
        const registry = registryOf(options, path)
        if (registry !== undefined) await ensureOne(registry, object, { reconcile: leaveAsIs })
      }),
    )
  }
  return {
    async run(signal) {
      await untilDone(() => pass([NAMESPACES]), signal, options)
      await untilDone(() => Promise.all([pass(FAMILIES), own()]), signal, options)
      // Conditions may follow a moment later, as upstream's loops set them.
      settleStatuses(options).catch((error: unknown) => options.failures.failed('conditions of default objects', error))
    },
    async repair() {
      await pass([NAMESPACES])
      await pass(FAMILIES.filter(({ guarded }) => guarded))
      await own()
      await settleStatuses(options)
    },
  }
}

/** The objects whose content depends on how this server was started. */
function ownObjects({
  serviceCidrs,
  serviceAddress,
  servicePort,
  clientCa,
}: BootstrapOptions): { path: string; object: JsonObject }[] {
  const configMap = (name: string, data: JsonObject): { path: string; object: JsonObject } => ({
    path: '/api/v1/configmaps',
    object: { metadata: { name, namespace: 'kube-system' }, data },
  })
  return [
    {
      path: '/apis/networking.k8s.io/v1/servicecidrs',
      object: { metadata: { name: 'kubernetes' }, spec: { cidrs: [...serviceCidrs] } },
    },
    {
      path: '/api/v1/services',
      object: {
        metadata: {
          name: 'kubernetes',
          namespace: 'default',
          labels: { component: 'apiserver', provider: 'kubernetes' },
        },
        spec: {
          type: 'ClusterIP',
          clusterIP: serviceAddress,
          clusterIPs: [serviceAddress],
          ipFamilyPolicy: 'SingleStack',
          sessionAffinity: 'None',
          ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: servicePort }],
        },
      },
    },
    configMap('extension-apiserver-authentication', clientCa === undefined ? {} : { 'client-ca-file': clientCa }),
    configMap('kube-apiserver-legacy-service-account-token-tracking', { since: new Date().toISOString().slice(0, 10) }),
  ]
}

type Guard = Pick<Family, 'reconcile' | 'manager'>

async function ensure(
  registry: ResourceRegistry,
  expected: JsonObject,
  { reconcile, manager = SYSTEM_WRITE.fieldManager }: Guard,
): Promise<void> {
  const write = { ...SYSTEM_WRITE, fieldManager: manager }
  const { name = '', namespace = '' } = expected.metadata as KubeObject['metadata'] // Facts: objects with metadata.
  const entry = registry.cache.peek(namespace, name)
  if (entry === undefined) return create(registry, namespace, expected, write)
  const existing = JSON.parse(entry.json.toString()) as KubeObject // The cache holds objects only.
  const next = reconcile(existing, expected)
  if (next === undefined) return
  try {
    if (next === 'recreate') {
      await registry.delete(namespace, name, { dryRun: false, preconditions: { uid: entry.uid } }, write)
      return await create(registry, namespace, expected, write)
    }
    await registry.update(namespace, name, () => next, 'main', write)
  } catch (error) {
    // Another replica was faster, or the object changed under us: the next pass looks again.
    if (!(error instanceof StatusError) || (error.code !== 409 && error.code !== 404)) throw error
  }
}

/** Throws what is no refusal. */
async function refusalOf(write: Promise<void>): Promise<StatusError | undefined> {
  try {
    await write
    return undefined
  } catch (error) {
    if (!(error instanceof StatusError) || error.code >= 500) throw error
    return error
  }
}

async function create(
  registry: ResourceRegistry,
  namespace: string,
  expected: JsonObject,
  write: WriteContext,
): Promise<void> {
  const { group, version, kind } = registry.definition
  // The write path changes what it is given; the facts stay as they are.
  const object = {
    kind,
    apiVersion: group === '' ? version : `${group}/${version}`,
    ...cloneJson(expected),
  } as unknown as KubeObject
  try {
    await registry.create(namespace, object, write)
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 409) throw error
  }
}

/** An APIService tells of a version of a group; the other default objects are not about what is served. */
function describesServed({ groupVersions }: ServedResources, object: JsonObject): boolean {
  const spec = object.spec
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec) || !('groupPriorityMinimum' in spec)) return true
  return groupVersions.some(({ group, version }) => group === (spec.group ?? '') && version === spec.version)
}

function registryOf({ registries, served }: BootstrapOptions, path: string): ResourceRegistry | undefined {
  const parts = path.split('/').slice(2)
  const [group = '', version = '', resource = ''] = path.startsWith('/api/') ? ['', ...parts] : parts
  // The server's own objects (its identity) live in namespaces that clients need not see.
  const isWanted = path === NAMESPACES.path || served.findResource(group, version, resource) !== undefined
  if (!isWanted) return undefined
  return registries.get(group, version, resource)
}

async function inParallel(work: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let job = work[next++]; job !== undefined; job = work[next++]) await job()
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
}

/** Repeats a pass until it ends without a fault: objects that exist by then are skipped. */
async function untilDone(
  attempt: () => Promise<unknown>,
  signal: AbortSignal,
  options: BootstrapOptions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await attempt()
      options.failures.succeeded(DEFAULT_OBJECTS)
      return
    } catch (error) {
      options.failures.failed(DEFAULT_OBJECTS, error)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, RETRY_MS)
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
      })
    }
  }
}
