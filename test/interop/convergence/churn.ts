// Random work at a bounded rate: some users, each with a namespace of its own, change, scale, break and delete what they have. The
// same seed gives the same work on both servers. A user goes on when the controllers have seen the last change: what they make of
// two changes that they see as one would differ by chance.
import { setTimeout as delay } from 'node:timers/promises'
import { type Random, createRandom } from '../fuzz/random.ts'
import { apps, batch, configMap, core, imagePatch, job, service, workload } from './objects.ts'
import type { Side } from './side.ts'

export interface Churn {
  readonly seed: number
  readonly users: number
  /** By each user; what is waited for does not count. */
  readonly operations: number
  /** Not faster than this, by each user. */
  readonly everyMs: number
}

export async function churn(side: Side, { seed, users, operations, everyMs }: Churn): Promise<void> {
  const work = async (number: number): Promise<void> => {
    const user = new User(side, `churn-${number}`, createRandom(seed, 'churn', number))
    await user.begin()
    for (let count = 0; count < operations; count++) {
      await Promise.all([user.next(), delay(everyMs)])
    }
  }
  await Promise.all(Array.from({ length: users }, (_, number) => work(number)))
}

const STRATEGIC = 'application/strategic-merge-patch+json'
const KINDS = ['deployments', 'statefulsets', 'replicasets'] as const
type Kind = (typeof KINDS)[number]

class User {
  readonly #side: Side
  readonly #namespace: string
  readonly #random: Random
  /** The workloads that are there. */
  readonly #have = new Map<string, Kind>()
  #count = 0

  constructor(side: Side, namespace: string, random: Random) {
    this.#side = side
    this.#namespace = namespace
    this.#random = random
  }

  async begin(): Promise<void> {
    await this.#side.namespace(this.#namespace)
    await this.#side.create(core(this.#namespace, 'services'), service('deployments-0'))
  }

  /** One operation, and what its controllers say to it. */
  async next(): Promise<void> {
    this.#count++
    const [name, kind] = this.#random.pick([...this.#have, ['', undefined] as const])
    if (kind === undefined || this.#have.size < 2) return await this.#make()
    const operation = this.#random.weighted<() => Promise<void>>([
      [4, () => this.#change(name, kind, { spec: { replicas: this.#random.below(4) } })],
      [3, () => this.#rollOut(name, kind, imagePatch(`web:${this.#random.below(4)}`))],
      [2, () => this.#rollOut(name, kind, { spec: { template: { metadata: { annotations: this.#stamp() } } } })],
      [2, () => this.#deletePod(name)],
      [2, () => this.#remove(name, kind)],
      [2, () => this.#runJob()],
      [2, () => this.#recreateConfiguration()],
      [1, () => this.#change(name, kind, { metadata: { labels: this.#stamp() } })],
      [1, () => this.#startAgain()],
    ])
    await operation()
  }

  readonly #stamp = (): Record<string, string> => ({ stamp: `at-${this.#count}` })

  #path(name: string, kind: Kind): string {
    return `${apps(this.#namespace, kind)}/${name}`
  }

  async #make(): Promise<void> {
    const kind = this.#random.pick(KINDS)
    const name = `${kind}-${this.#random.below(2)}`
    const replicas = 1 + this.#random.below(3)
    if (this.#have.has(name)) return await this.#change(name, kind, { spec: { replicas } })
    const more = kind === 'statefulsets' ? { serviceName: name } : {}
    await this.#side.create(apps(this.#namespace, kind), workload(name, { replicas, more }))
    this.#have.set(name, kind)
    await this.#seen(name, kind)
  }

  /** The Pods of a bare ReplicaSet would keep the old template, and which of them are the first to go is chance. */
  async #rollOut(name: string, kind: Kind, patch: unknown): Promise<void> {
    if (kind !== 'replicasets') await this.#change(name, kind, patch)
  }

  async #change(name: string, kind: Kind, patch: unknown): Promise<void> {
    await this.#side.patch(this.#path(name, kind), patch, STRATEGIC)
    await this.#seen(name, kind)
  }

  async #seen(name: string, kind: Kind): Promise<void> {
    await this.#side.status(
      this.#path(name, kind),
      ({ observedGeneration }) => observedGeneration !== undefined,
      'has been seen',
    )
  }

  /** Any of its Pods; a successor comes. */
  async #deletePod(name: string): Promise<void> {
    const pods = core(this.#namespace, 'pods')
    const { items } = await this.#side.client.list(`${pods}?labelSelector=app%3D${name}`)
    const [first] = items
    if (first?.metadata.name !== undefined) await this.#side.delete(`${pods}/${first.metadata.name}`)
  }

  async #remove(name: string, kind: Kind): Promise<void> {
    const policy = this.#random.pick(['Background', 'Foreground', 'Orphan'] as const)
    this.#have.delete(name)
    await this.#side.delete(this.#path(name, kind), policy)
    await this.#side.gone(this.#path(name, kind))
  }

  async #runJob(): Promise<void> {
    const name = `job-${this.#random.below(3)}`
    const path = `${batch(this.#namespace, 'jobs')}/${name}`
    await this.#side.delete(path, 'Background')
    await this.#side.gone(path)
    const exitCode = this.#random.below(2)
    const more = { backoffLimit: 0, parallelism: 2, completions: 2 }
    await this.#side.create(batch(this.#namespace, 'jobs'), job(name, { exitCode, seconds: 1, more }))
    await this.#side.status(path, ({ conditions }) => conditions !== undefined, 'has ended')
  }

  async #recreateConfiguration(): Promise<void> {
    const path = core(this.#namespace, 'configmaps')
    await this.#side.delete(`${path}/settings`)
    await this.#side.gone(`${path}/settings`)
    await this.#side.create(path, configMap('settings', { labels: this.#stamp() }))
  }

  async #startAgain(): Promise<void> {
    this.#have.clear()
    await this.#side.delete(`/api/v1/namespaces/${this.#namespace}`)
    await this.#side.gone(`/api/v1/namespaces/${this.#namespace}`)
    await this.begin()
  }
}
