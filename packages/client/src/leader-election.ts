// Leader election on a Lease, with client-go's rules: whoever holds it renews it every `retryPeriodMs`; others take it when it
// did not change for its duration, by their own clock (clocks of other machines are never compared). A leader that cannot renew
// for `renewDeadlineMs` stops leading, before anyone else may begin.
//
//   follower ──lease free, released, or unchanged for its duration──► leader ──renewed──► leader
//                                                                       └── not for renewDeadline, or signal ──► over
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from './client.ts'
import { ResourceClient } from './resource-client.ts'

export interface LeaderElectionOptions {
  readonly client: KubeClient
  readonly namespace: string
  /** Of the Lease. */
  readonly name: string
  /** Unique to this process. */
  readonly identity: string
  /** 15 s by default; more than renewDeadlineMs. */
  readonly leaseDurationMs?: number
  /** 10 s by default; more than retryPeriodMs with its jitter of 20 %. */
  readonly renewDeadlineMs?: number
  /** 2 s by default. */
  readonly retryPeriodMs?: number
  /**
   * Leading begins; `signal` aborts when it ends. A process that was paused learns of the time that has passed only when its timers
   * run: `mayAct` knows it at once, and is to be asked before each write (ClientOptions.guard).
   */
  readonly lead: (signal: AbortSignal, mayAct: () => boolean) => Promise<void>
  readonly onError?: (error: unknown) => void
  /** Told whenever another leader is seen. */
  readonly onNewLeader?: (identity: string) => void
}

interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string
    leaseDurationSeconds?: number
    acquireTime?: string
    renewTime?: string
    leaseTransitions?: number
  }
}

const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' }
/** client-go's JitterFactor: candidates that begin together do not stay together. */
const JITTER = 1.2

/** Resolves when leading is over (it was lost), or the signal aborted; the lease is then given up, so that another may begin at once. */
export async function runLeaderElection(options: LeaderElectionOptions, signal: AbortSignal): Promise<void> {
  const candidate = new Candidate(options)
  if (!(await candidate.acquire(signal))) return
  const leading = new AbortController()
  const stop = (): void => leading.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  // What the leader does may end by itself only by a fault: then nobody leads who does nothing.
  const work = options
    .lead(leading.signal, () => candidate.mayAct)
    .finally(() => leading.abort(new Error('the leader has ended')))
  work.catch(() => {}) // It is awaited below; until then nobody else minds.
  try {
    await candidate.renew(leading.signal)
    leading.abort(new Error('the lease was lost'))
    await work
  } finally {
    signal.removeEventListener('abort', stop)
    await candidate.release()
  }
}

class Candidate {
  readonly #options: LeaderElectionOptions
  readonly #leases: ResourceClient<Lease>
  readonly #leaseDurationMs: number
  readonly #renewDeadlineMs: number
  readonly #retryPeriodMs: number
  /** When the last renewal that succeeded was begun. */
  #renewedAtMs = -Infinity
  /** As last seen, and when it was first seen so. */
  #lease: Lease | undefined
  #seenAtMs = 0
  #reportedLeader = ''

  constructor(options: LeaderElectionOptions) {
    this.#options = options
    this.#leases = new ResourceClient<Lease>(options.client, LEASES, { namespace: options.namespace })
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000
    if (this.#leaseDurationMs <= this.#renewDeadlineMs) {
      throw new RangeError('the lease duration must be greater than the renew deadline')
    }
    if (this.#renewDeadlineMs <= this.#retryPeriodMs * JITTER) {
      throw new RangeError('the renew deadline must be greater than the retry period times 1.2')
    }
  }

  /** True: we lead. False: the signal aborted first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#attempt(AbortSignal.any([signal, AbortSignal.timeout(this.#renewDeadlineMs)]))) return true
      await delay(this.#retryPeriodMs * (1 + Math.random() * JITTER), undefined, { signal }).catch(() => {})
    }
    return false
  }

  /** Resolves when the lease is lost, or may be by now, or the signal aborts. */
  async renew(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(this.#retryPeriodMs, undefined, { signal }).catch(() => {})
      const leftMs = this.#renewedAtMs + this.#renewDeadlineMs - performance.now()
      if (signal.aborted || leftMs <= 0) return
      const isRenewed = await this.#attempt(AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(leftMs))]))
      if (!isRenewed && this.#lease !== undefined && !this.#isOurs(this.#lease)) return
    }
  }

  get mayAct(): boolean {
    return performance.now() - this.#renewedAtMs < this.#renewDeadlineMs
  }

  async release(): Promise<void> {
    const signal = AbortSignal.timeout(this.#renewDeadlineMs)
    try {
      // Looked at once more: the last renewal may have been applied without an answer.
      const found = await this.#leases.get(this.#options.name, signal).catch(notFoundAsUndefined)
      if (found === undefined || !this.#isOurs(found)) return
      const now = microTime(Date.now())
      const spec = { leaseDurationSeconds: 1, renewTime: now, acquireTime: now, ...this.#transitions(found, 0) }
      // Guarded by its resourceVersion: when somebody else has it by now, nothing happens.
      await this.#leases.update({ ...found, spec: { ...spec, holderIdentity: '' } }, {}, signal)
    } catch (error) {
      this.#options.onError?.(error)
    }
  }

  /** Takes or renews the lease. False: another holds it, or it could not be done. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const beganAtMs = performance.now()
    const isOurs = await this.#takeOrRenew(signal)
    if (isOurs) this.#renewedAtMs = beganAtMs
    return isOurs
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    try {
      const known = this.#lease
      // The leader writes at once what it believes to be current; when it is wrong, it looks.
      if (known !== undefined && this.#isOurs(known) && !this.#isExpired(known)) {
        const renewed = await this.#write(known, signal).catch(conflictAsUndefined)
        if (renewed !== undefined) return true
      }
      const found = await this.#leases.get(this.#options.name, signal).catch(notFoundAsUndefined)
      if (found === undefined) {
        this.#see(await this.#leases.create(this.#created(), {}, signal))
        return true
      }
      if (found.metadata.resourceVersion !== this.#lease?.metadata.resourceVersion) this.#see(found)
      const isFree = (found.spec?.holderIdentity ?? '') === ''
      if (!isFree && !this.#isOurs(found) && !this.#isExpired(found)) return false
      return (await this.#write(found, signal)) !== undefined
    } catch (error) {
      if (!signal.aborted) this.#options.onError?.(error)
      return false
    }
  }

  async #write(lease: Lease, signal: AbortSignal): Promise<Lease> {
    const now = microTime(Date.now())
    const isOurs = this.#isOurs(lease)
    const acquireTime = isOurs ? lease.spec?.acquireTime : undefined
    const written = await this.#leases.update(
      {
        ...lease,
        spec: {
          ...lease.spec,
          holderIdentity: this.#options.identity,
          leaseDurationSeconds: Math.ceil(this.#leaseDurationMs / 1000),
          acquireTime: acquireTime ?? now,
          renewTime: now,
          ...this.#transitions(lease, isOurs ? 0 : 1),
        },
      },
      {},
      signal,
    )
    this.#see(written)
    return written
  }

  #created(): object {
    const now = microTime(Date.now())
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: this.#options.name, namespace: this.#options.namespace },
      spec: {
        holderIdentity: this.#options.identity,
        leaseDurationSeconds: Math.ceil(this.#leaseDurationMs / 1000),
        acquireTime: now,
        renewTime: now,
        leaseTransitions: 0,
      },
    }
  }

  #transitions({ spec }: Lease, more: number): { leaseTransitions: number } {
    return { leaseTransitions: (spec?.leaseTransitions ?? 0) + more }
  }

  #see(lease: Lease): void {
    this.#lease = lease
    this.#seenAtMs = performance.now()
    const holder = lease.spec?.holderIdentity ?? ''
    if (holder === this.#reportedLeader) return
    this.#reportedLeader = holder
    if (holder !== '') this.#options.onNewLeader?.(holder)
  }

  #isOurs({ spec }: Lease): boolean {
    return spec?.holderIdentity === this.#options.identity
  }

  /** By the duration that its holder promised, counted from when we saw it. */
  #isExpired({ spec }: Lease): boolean {
    return performance.now() - this.#seenAtMs >= (spec?.leaseDurationSeconds ?? 0) * 1000
  }
}

/** metav1.MicroTime. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

function conflictAsUndefined(error: unknown): undefined {
  if (error instanceof StatusError && (error.code === 409 || error.code === 404)) return undefined
  throw error
}

function notFoundAsUndefined(error: unknown): undefined {
  if (error instanceof StatusError && error.code === 404) return undefined
  throw error
}
