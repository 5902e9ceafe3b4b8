// One of the two servers as the stories see it: verbs that outlive a replica, and waiting for what its controllers make of them.
import { setTimeout as delay } from 'node:timers/promises'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import {
  ConnectionError,
  type KubeClient,
  type PatchType,
  createClient,
  createHttp2Transport,
  loadKubeconfig,
} from '@keelson/client'

/** A node that stops is given up after 50 s, a leader's lease ends after 15 s, and the machine may be busy. */
const TIMEOUT_MS = 180_000
const POLL_MS = 400
const TRY_AGAIN_MS = 250

export class Side implements Disposable {
  readonly name: string
  readonly client: KubeClient
  /** What was waited for and did not come. */
  readonly missed: string[] = []
  readonly #signal: AbortSignal

  private constructor(name: string, client: KubeClient, signal: AbortSignal) {
    this.name = name
    this.client = client
    this.#signal = signal
  }

  static async connect(name: string, kubeconfig: string, signal: AbortSignal): Promise<Side> {
    return new Side(
      name,
      createClient(createHttp2Transport(await loadKubeconfig(kubeconfig)), { retries: true }),
      signal,
    )
  }

  [Symbol.dispose](): void {
    this.client.transport.close()
  }

  /** Also when an earlier try, whose answer was lost, has made it already. */
  async create(path: string, object: { readonly metadata: object; readonly [field: string]: unknown }): Promise<void> {
    await this.#insist(
      () => this.client.create(path, object),
      (error, wasLost) => wasLost && error.reason === 'AlreadyExists',
    )
  }

  async namespace(name: string): Promise<void> {
    await this.create('/api/v1/namespaces', { metadata: { name } })
    await this.until(`namespace ${name} has its ServiceAccount`, () =>
      this.find(`/api/v1/namespaces/${name}/serviceaccounts/default`),
    )
  }

  async patch(path: string, patch: unknown, type?: PatchType): Promise<void> {
    await this.#insist(() => this.client.patch(path, patch, type))
  }

  /** Also what is gone already. */
  async delete(path: string, propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'): Promise<void> {
    const query = propagationPolicy === undefined ? '' : `?propagationPolicy=${propagationPolicy}`
    await this.#insist(
      () => this.client.delete(`${path}${query}`),
      ({ code }) => code === 404,
    )
  }

  async find(path: string): Promise<KubeObject | undefined> {
    try {
      return await this.client.get(path, this.#signal)
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined
      throw error
    }
  }

  /** False, and written down, when it did not come: the story goes on, and the comparison shows what that led to. */
  async until(what: string, ask: () => Promise<unknown>, timeoutMs = TIMEOUT_MS): Promise<boolean> {
    const deadline = performance.now() + timeoutMs
    while (performance.now() < deadline) {
      if (await this.#isSo(ask)) return true
      await delay(POLL_MS, undefined, { signal: this.#signal })
    }
    this.missed.push(`not within ${timeoutMs / 1000} s: ${what}`)
    return false
  }

  /** The object is there, its controller has seen its last change, and `status` looks as asked. */
  status(
    path: string,
    isAsAsked: (status: Readonly<Record<string, unknown>>) => boolean,
    what: string,
  ): Promise<boolean> {
    return this.until(`${path} ${what}`, async () => {
      const found = await this.find(path)
      if (found === undefined) return false
      const status = (found['status'] ?? {}) as Record<string, unknown> // A status is an object.
      const observed = status['observedGeneration']
      return (observed === undefined || observed === found.metadata.generation) && isAsAsked(status)
    })
  }

  gone(path: string): Promise<boolean> {
    return this.until(`${path} is gone`, async () => (await this.find(path)) === undefined)
  }

  async #isSo(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      const answer = await ask()
      return answer !== undefined && answer !== false
    } catch (error) {
      if (isTransient(error)) return false
      throw error
    }
  }

  /** `isDone`: an answer that says that nothing is left to do. `wasLost`: an earlier try may have done it. */
  async #insist(
    write: () => Promise<unknown>,
    isDone: (error: StatusError, wasLost: boolean) => boolean = () => false,
  ): Promise<void> {
    for (let wasLost = false; ; wasLost = true) {
      try {
        await write()
        return
      } catch (error) {
        if (error instanceof StatusError && isDone(error, wasLost)) return
        if (!isTransient(error)) throw error
        await delay(TRY_AGAIN_MS, undefined, { signal: this.#signal })
      }
    }
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof StatusError && (error.code >= 500 || error.code === 429))
}
