// The leading controller manager is killed (SIGKILL), or paused and woken later, while a namespace of 500 objects is being deleted
// and while a foreground cascade of 500 runs. Both must end as if nothing had happened: all of it gone, owners after those that
// block them, nothing else touched; and a leader that wakes after its time must not hit what was made since.
import { setTimeout as delay } from 'node:timers/promises'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { type KubeClient, createClient, createHttp2Transport, loadKubeconfig, runReflector } from '@keelson/client'
import { ClusterHandle } from '@keelson/cluster'
import type { StartedKeelson } from '../interop/keelson.ts'
import { leadingControllerManager } from './leader.ts'

/** The lease (15 s), the follower's look at it (4.4 s), and the work itself on a busy machine. */
const LIMIT_MS = 60_000
const OBJECTS = 500
const NAMESPACE = 'drilled'
const MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`

export interface ControllerRound {
  readonly name: string
  readonly tookMs: number
  readonly violations: readonly string[]
}

export async function drillControllers(keelson: StartedKeelson): Promise<ControllerRound[]> {
  const client = createClient(createHttp2Transport(await loadKubeconfig(keelson.kubeconfig)))
  const drill = new ControllerDrill(client, keelson)
  try {
    return [
      await drill.run('kill -9 of the leader while a namespace is deleted', 'kill', drill.namespaceDeletion),
      await drill.run('kill -9 of the leader while a foreground cascade runs', 'kill', drill.foregroundCascade),
      await drill.run('pause of the leader while a namespace is deleted', 'pause', drill.namespaceDeletion),
      await drill.run('pause of the leader while a foreground cascade runs', 'pause', drill.foregroundCascade),
    ]
  } finally {
    client.transport.close()
  }
}

/** Returns what is wrong at the end. */
type Scenario = (strike: () => Promise<void>) => Promise<string[]>

class ControllerDrill {
  readonly #client: KubeClient
  readonly #keelson: StartedKeelson
  readonly #cluster: ClusterHandle

  constructor(client: KubeClient, keelson: StartedKeelson) {
    this.#client = client
    this.#keelson = keelson
    this.#cluster = new ClusterHandle(keelson.stateDir)
  }

  async run(name: string, how: 'kill' | 'pause', scenario: Scenario): Promise<ControllerRound> {
    const leader = await leadingControllerManager(this.#cluster, this.#keelson.pki)
    let struckAtMs = performance.now()
    const violations = await scenario(async () => {
      struckAtMs = performance.now()
      if (how === 'kill') await this.#cluster.kill(leader)
      else this.#cluster.pause(leader)
    })
    const tookMs = Math.round(performance.now() - struckAtMs)
    violations.push(...(await this.#afterwards(how, leader)))
    return { name, tookMs, violations }
  }

  readonly namespaceDeletion: Scenario = async (strike) => {
    await this.#makeNamespace()
    const bystander = await this.#client.create('/api/v1/namespaces/default/configmaps', {
      metadata: { generateName: 'bystander-' },
    })
    await inParallel(OBJECTS, async (number) => {
      await this.#client.create(MAPS, { metadata: { name: `m-${number}` } })
    })
    await this.#client.delete(`/api/v1/namespaces/${NAMESPACE}`)
    // The first pass begins 5 s after the deletion: as soon as something is gone, it runs.
    await until('the deletion has begun', async () => (await this.#count()) < OBJECTS)
    await strike()
    await this.#untilGone(`/api/v1/namespaces/${NAMESPACE}`)
    const left = await this.#count()
    const isThere = await this.#find(`/api/v1/namespaces/default/configmaps/${bystander.metadata.name}`)
    return [
      ...(left > 0 ? [`${left} objects outlived their namespace`] : []),
      ...(isThere === undefined ? ['an object of another namespace is gone'] : []),
    ]
  }

  readonly foregroundCascade: Scenario = async (strike) => {
    await this.#makeNamespace()
    const owner = await this.#client.create(MAPS, { metadata: { name: 'owner' } })
    const bystander = await this.#client.create(MAPS, { metadata: { name: 'bystander' } })
    const children: KubeObject[] = []
    await inParallel(OBJECTS / 50, async (number) => {
      children.push(await this.#owned(`c-${number}`, owner))
    })
    await inParallel(OBJECTS - children.length, async (number) => {
      const child = children[number % children.length]
      if (child !== undefined) await this.#owned(`g-${number}`, child)
    })
    const order = await this.#followDeletions()
    await this.#client.delete(`${MAPS}/owner?propagationPolicy=Foreground`)
    await until('the cascade has begun', async () => (await this.#count()) < OBJECTS)
    await strike()
    await this.#untilGone(`${MAPS}/owner`)
    await until('the last deletion is seen', () => Promise.resolve(order.deleted.includes('owner')))
    order.stop()
    const left = (await this.#client.list(MAPS)).items.map(({ metadata }) => metadata.name)
    const problems =
      left.length === 1 && left[0] === bystander.metadata.name ? [] : [`what is left: ${left.join(', ')}`]
    for (const [index, name] of order.deleted.entries()) {
      const blocked = order.ownerOf.get(name)
      if (blocked !== undefined && order.deleted.indexOf(blocked) < index)
        problems.push(`${blocked} went before ${name}`)
    }
    await this.#client.delete(`/api/v1/namespaces/${NAMESPACE}`)
    await this.#untilGone(`/api/v1/namespaces/${NAMESPACE}`)
    return problems
  }

  /** The struck one comes back; what was made under the old names since must survive that. */
  async #afterwards(how: 'kill' | 'pause', leader: string): Promise<string[]> {
    await this.#makeNamespace()
    const path = `${MAPS}/m-1`
    const made = await this.#client.create(MAPS, { metadata: { name: 'm-1' } })
    if (how === 'pause') this.#cluster.resume(leader)
    await this.#cluster.whenHealthy(30_000)
    // Whatever a leader that wakes had begun, it would do within this time.
    await delay(3000)
    const found = await this.#find(path)
    await this.#client.delete(`/api/v1/namespaces/${NAMESPACE}`)
    await this.#untilGone(`/api/v1/namespaces/${NAMESPACE}`)
    return found?.metadata.uid === made.metadata.uid ? [] : ['what was made after the deletion is gone']
  }

  async #makeNamespace(): Promise<void> {
    await this.#client.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  }

  #owned(name: string, { metadata }: KubeObject): Promise<KubeObject> {
    const { name: owner, uid } = metadata
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid, blockOwnerDeletion: true }
    return this.#client.create(MAPS, { metadata: { name, ownerReferences: [reference] } })
  }

  /** Names in the order of their deletion, from now on. */
  async #followDeletions(): Promise<{ deleted: string[]; ownerOf: Map<string, string>; stop(): void }> {
    const deleted: string[] = []
    const ownerOf = new Map<string, string>()
    const ending = new AbortController()
    const { promise: listed, resolve } = Promise.withResolvers<void>()
    const following = runReflector(
      this.#client,
      MAPS,
      {
        onList({ items }) {
          for (const { metadata } of items) {
            const owner = metadata.ownerReferences?.[0]
            if (owner !== undefined) ownerOf.set(metadata.name ?? '', owner.name)
          }
          resolve()
        },
        onEvents(events) {
          for (const { type, object } of events) if (type === 'DELETED') deleted.push(object.metadata.name ?? '')
        },
      },
      ending.signal,
    )
    following.catch((error: unknown) => console.error(error))
    await listed
    return { deleted, ownerOf, stop: () => ending.abort() }
  }

  async #count(): Promise<number> {
    return (await this.#client.list(MAPS)).items.length
  }

  async #find(path: string): Promise<KubeObject | undefined> {
    try {
      return await this.#client.get(path)
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined
      throw error
    }
  }

  #untilGone(path: string): Promise<void> {
    return until(`${path} is gone`, async () => (await this.#find(path)) === undefined)
  }
}

async function inParallel(times: number, work: (number: number) => Promise<void>): Promise<void> {
  const numbers = Array.from({ length: times }, (_, number) => number).values()
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (const number of numbers) await work(number)
    }),
  )
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`)
    await delay(20)
  }
}
