// What deletions come to: `kubectl delete` of namespaces and of owners with each --cascade, on a real API server with the real
// kube-controller-manager and on Keelson with its own controllers. Compared is what kubectl prints, and what is there in the end; also
// when a replica of Keelson or its leading controller manager is killed (SIGKILL) as soon as a deletion has begun.
import { setTimeout as delay } from 'node:timers/promises'
import { type KubeObject, type OwnerReference, StatusError } from '@keelson/apimachinery'
import { ConnectionError, type KubeClient, createClient, createHttp2Transport, loadKubeconfig } from '@keelson/client'
import { ClusterHandle } from '@keelson/cluster'
import { leadingControllerManager } from '../drill/leader.ts'
import type { StartedKeelson } from './keelson.ts'
import { run, upstreamBinary } from './upstream.ts'

export interface DeletionResult {
  readonly name: string
  readonly same: boolean
  readonly upstream: string
  readonly keelson: string
}

const TIMEOUT_MS = 60_000
const ANSWERED_MS = 200
const HOLD = 'example.com/hold'

/** What happens on Keelson's side when a deletion has begun. */
type Strike = () => Promise<void>

/** Without strikes, then with each of them. */
export async function compareDeletion(upstream: string, keelson: StartedKeelson): Promise<DeletionResult[]> {
  const [expected, actual] = await Promise.all([upstream, keelson.kubeconfig].map((each) => outcomes(each, SCENARIOS)))
  const compared = (what: string, scenarios: Scenarios, ours: ReadonlyMap<string, string> | undefined): void => {
    for (const name of Object.keys(scenarios)) {
      const [wanted = '(nothing)', found = '(nothing)'] = [expected?.get(name), ours?.get(name)]
      results.push({ name: `${name}${what}`, same: wanted === found, upstream: wanted, keelson: found })
    }
  }
  const results: DeletionResult[] = []
  compared('', SCENARIOS, actual)
  for (const [what, strike] of Object.entries(strikesOn(keelson)))
    compared(`, ${what}`, DELETIONS, await outcomes(keelson.kubeconfig, DELETIONS, strike))
  return results
}

function strikesOn({ stateDir, pki }: StartedKeelson): Readonly<Record<string, Strike>> {
  const cluster = new ClusterHandle(stateDir)
  let replica = 0
  const kill = async (name: string): Promise<void> => {
    await cluster.whenHealthy(TIMEOUT_MS)
    await cluster.kill(name)
  }
  return {
    'a replica is killed': () => kill(`replica-${(replica++ % 3) + 1}`),
    'the leading controller manager is killed': async () => kill(await leadingControllerManager(cluster, pki)),
  }
}

/** By the name of the scenario. */
async function outcomes(kubeconfig: string, scenarios: Scenarios, strike?: Strike): Promise<Map<string, string>> {
  const client = createClient(createHttp2Transport(await loadKubeconfig(kubeconfig)), { retries: true })
  const side = new Side(client, kubeconfig, strike)
  const found = new Map<string, string>()
  try {
    for (const [name, scenario] of Object.entries(scenarios)) {
      const outcome = await scenario(side).catch((error: unknown) => String(error))
      found.set(name, outcome)
      await side.cleanUp()
    }
  } finally {
    client.transport.close()
  }
  return found
}

/** Each in a namespace of its own; returns what is to be the same on both sides. */
type Scenarios = Readonly<Record<string, (side: Side) => Promise<string>>>

const DELETIONS: Scenarios = {
  'delete namespace': async (side) => {
    await side.namespace('d-full')
    for (let number = 0; number < 20; number++) await side.create('d-full', `m-${number}`)
    const said = await side.delete('/api/v1/namespaces/d-full', 'namespace', 'd-full')
    return [said, ...(await side.left('d-full'))].join('\n')
  },
  'delete namespace, held by a finalizer': async (side) => {
    await side.namespace('d-held')
    await side.create('d-held', 'held', [], [HOLD])
    await side.create('d-held', 'free')
    const said = await side.delete('/api/v1/namespaces/d-held', 'namespace', 'd-held', '--wait=false')
    const conditions = await side.until('conditions', async () => {
      const found = await side.find('/api/v1/namespaces/d-held')
      const status = found?.['status'] as { phase: string; conditions?: object[] } | undefined // A namespace's status.
      return status?.conditions?.length === 5 && JSON.stringify(status, withoutTimes, 1)
    })
    const left = await side.left('d-held')
    await side.release('d-held', 'held')
    await side.gone('/api/v1/namespaces/d-held')
    return [said, conditions, ...left].join('\n')
  },
  'delete --cascade=background': async (side) => {
    await side.family('d-background')
    const said = await side.delete(
      ownerIn('d-background'),
      'configmap',
      'owner',
      '-n',
      'd-background',
      '--cascade=background',
    )
    await side.settled('d-background', 2)
    return [said, ...(await side.left('d-background'))].join('\n')
  },
  'delete --cascade=foreground': async (side) => {
    await side.family('d-foreground', [HOLD])
    const flags = ['--cascade=foreground', '--wait=false']
    const said = await side.delete(ownerIn('d-foreground'), 'configmap', 'owner', '-n', 'd-foreground', ...flags)
    await side.until('the held one is being deleted, the shared one let go', async () => {
      const held = await side.find('/api/v1/namespaces/d-foreground/configmaps/grandchild')
      const shared = await side.find('/api/v1/namespaces/d-foreground/configmaps/shared')
      return held?.metadata.deletionTimestamp !== undefined && shared?.metadata.ownerReferences?.length === 1
    })
    const waiting = await side.left('d-foreground')
    await side.release('d-foreground', 'grandchild')
    await side.gone('/api/v1/namespaces/d-foreground/configmaps/owner')
    return [said, ...waiting, 'then', ...(await side.left('d-foreground'))].join('\n')
  },
  'delete --cascade=orphan': async (side) => {
    await side.family('d-orphan')
    const said = await side.delete(ownerIn('d-orphan'), 'configmap', 'owner', '-n', 'd-orphan', '--cascade=orphan')
    await side.gone('/api/v1/namespaces/d-orphan/configmaps/owner')
    return [said, ...(await side.left('d-orphan'))].join('\n')
  },
}

const LOST_OWNERS: Scenarios = {
  'an owner in another namespace': async (side) => {
    await side.namespace('d-elsewhere')
    await side.namespace('d-here')
    const owner = await side.create('d-elsewhere', 'owner')
    await side.create('d-here', 'dependent', [referenceTo(owner)])
    await side.gone('/api/v1/namespaces/d-here/configmaps/dependent')
    const events = await side.until('the event', async () => {
      const { items } = await side.client.list('/api/v1/namespaces/d-here/events')
      return items.length > 0 && items
    })
    return events
      .map(({ type, reason, message, source, count, involvedObject }) =>
        JSON.stringify({ type, reason, message, source, count, involvedObject }, withoutTimes),
      )
      .join('\n')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<uid>')
  },
  'an owner that never was': async (side) => {
    await side.namespace('d-never')
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: '11111111-2222-3333-4444-555555555555' }
    await side.create('d-never', 'dependent', [owner])
    await side.gone('/api/v1/namespaces/d-never/configmaps/dependent')
    return (await side.left('d-never')).join('\n')
  },
}

const SCENARIOS: Scenarios = { ...DELETIONS, ...LOST_OWNERS }

const withoutTimes = (key: string, value: unknown): unknown => (key === 'lastTransitionTime' ? undefined : value)

const ownerIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps/owner`

const referenceTo = ({ metadata }: KubeObject): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
  blockOwnerDeletion: true,
})

class Side {
  readonly client: KubeClient
  readonly #kubeconfig: string
  readonly #strike: Strike | undefined
  readonly #namespaces = new Set<string>()

  constructor(client: KubeClient, kubeconfig: string, strike: Strike | undefined) {
    this.client = client
    this.#kubeconfig = kubeconfig
    this.#strike = strike
  }

  /** `kubectl delete`; the strike comes when the server has begun. */
  async delete(path: string, ...args: string[]): Promise<string> {
    const said = this.kubectl('delete', ...args)
    if (this.#strike !== undefined) {
      await this.until('the deletion has begun', async () => {
        const found = await this.find(path)
        return found === undefined || found.metadata.deletionTimestamp !== undefined
      })
      // The answer to kubectl's own request is on its way: what it waits for afterwards is what is tried here.
      await delay(ANSWERED_MS)
      await this.#strike()
    }
    return await said
  }

  /** The next scenario waits for what it needs of it. */
  async cleanUp(): Promise<void> {
    for (const name of this.#namespaces) {
      this.#namespaces.delete(name)
      if ((await this.find(`/api/v1/namespaces/${name}`)) !== undefined)
        await this.client.delete(`/api/v1/namespaces/${name}`)
    }
  }

  async kubectl(...args: string[]): Promise<string> {
    const all = ['--kubeconfig', this.#kubeconfig, ...args]
    const { status, output } = await run(upstreamBinary('kubectl'), all, { timeoutMs: TIMEOUT_MS })
    return `exit ${status} ${output.trim()}`
  }

  async namespace(name: string): Promise<void> {
    await this.gone(`/api/v1/namespaces/${name}`)
    await this.client.create('/api/v1/namespaces', { metadata: { name } })
    this.#namespaces.add(name)
  }

  create(
    namespace: string,
    name: string,
    ownerReferences: OwnerReference[] = [],
    finalizers: string[] = [],
  ): Promise<KubeObject> {
    return this.client.create(`/api/v1/namespaces/${namespace}/configmaps`, {
      metadata: { name, ownerReferences, finalizers },
    })
  }

  /** An owner with a child and a grandchild; another owner, with whom it shares a child. */
  async family(namespace: string, finalizers: string[] = []): Promise<void> {
    await this.namespace(namespace)
    const owner = await this.create(namespace, 'owner')
    const other = await this.create(namespace, 'other')
    const child = await this.create(namespace, 'child', [referenceTo(owner)])
    await this.create(namespace, 'grandchild', [referenceTo(child)], finalizers)
    await this.create(namespace, 'shared', [referenceTo(owner), referenceTo(other)])
  }

  async find(path: string): Promise<KubeObject | undefined> {
    try {
      return await this.client.get(path)
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined
      throw error
    }
  }

  /** Also when the connection is cut by a strike. */
  async release(namespace: string, name: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/configmaps/${name}`
    await this.until(`${path} is released`, async () => {
      try {
        return await this.client.patch(path, { metadata: { finalizers: null } })
      } catch (error) {
        if (error instanceof ConnectionError) return false
        throw error
      }
    })
  }

  async gone(path: string): Promise<void> {
    await this.until(`${path} is gone`, async () => (await this.find(path)) === undefined)
  }

  /** `count` objects are left, and none refers to the owner. */
  async settled(namespace: string, count: number): Promise<void> {
    await this.until('the cascade has ended', async () => {
      const { items } = await this.client.list(`/api/v1/namespaces/${namespace}/configmaps`)
      const refers = items.some(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === 'owner'))
      return items.length === count && !refers
    })
  }

  /** What is there: names, the owners, finalizers, and whether it is on its way. */
  async left(namespace: string): Promise<string[]> {
    const { items } = await this.client.list(`/api/v1/namespaces/${namespace}/configmaps`)
    return items.map(({ metadata }) => {
      const owners = (metadata.ownerReferences ?? []).map(
        ({ name, blockOwnerDeletion }) => `${name} ${blockOwnerDeletion}`,
      )
      const going = metadata.deletionTimestamp === undefined ? '' : ' going'
      return `${metadata.name} owners [${owners.join(', ')}] finalizers [${(metadata.finalizers ?? []).join(', ')}]${going}`
    })
  }

  async until<Answer>(what: string, ask: () => Promise<Answer | undefined | false>): Promise<Answer> {
    const deadline = performance.now() + TIMEOUT_MS
    for (;;) {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
      if (performance.now() > deadline)
        throw new Error(`not within ${TIMEOUT_MS / 1000} s: ${what} (${this.#kubeconfig})`)
      await delay(50)
    }
  }
}
