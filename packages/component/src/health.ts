// Health endpoints: named checks behind /healthz, /livez and /readyz, with upstream's text.
//
// `/readyz` runs every check; `?exclude=name` leaves one out, `?verbose` lists them; `/readyz/name` runs one alone.

export interface HealthCheck {
  readonly name: string
  /** Answers at its own path only: the endpoint as a whole does not depend on it. */
  readonly aside?: boolean
  /** Throws (or rejects) when unhealthy. `signal` aborts after the endpoint's patience. The reason is for the log only. */
  check(signal: AbortSignal): void | Promise<void>
}

export interface HealthAnswer {
  readonly code: 200 | 404 | 500
  /** text/plain; charset=utf-8 */
  readonly body: string
  /** For the log: the client is told the names only. */
  readonly failed: readonly { readonly name: string; readonly error: unknown }[]
}

/** Longer than any check should take, shorter than a prober's patience. */
const CHECK_TIMEOUT_MS = 4000

export const pingCheck: HealthCheck = { name: 'ping', check: () => {} }

export class HealthChecks {
  /** `readyz`, as in `readyz check passed`. */
  readonly endpoint: string
  readonly #checks: HealthCheck[]

  constructor(endpoint: string, checks: readonly HealthCheck[] = [pingCheck]) {
    this.endpoint = endpoint
    this.#checks = [...checks]
  }

  add(check: HealthCheck): void {
    this.#checks.push(check)
  }

  get names(): readonly string[] {
    return this.#checks.map((check) => check.name)
  }

  /** `path` is what follows the endpoint: '' for all, `etcd` or `poststarthook/rbac/bootstrap-roles` for one. */
  async answer(path: string, query: URLSearchParams): Promise<HealthAnswer> {
    return path === '' ? this.#answerAll(query) : this.#answerOne(path)
  }

  async #answerOne(name: string): Promise<HealthAnswer> {
    const check = this.#checks.find((candidate) => candidate.name === name)
    if (check === undefined) return { code: 404, body: '404 page not found\n', failed: [] }
    const error = await run(check)
    if (error === undefined) return { code: 200, body: 'ok', failed: [] }
    return { code: 500, body: `internal server error: ${messageOf(error)}\n`, failed: [{ name, error }] }
  }

  async #answerAll(query: URLSearchParams): Promise<HealthAnswer> {
    const checks = this.#checks.filter((check) => check.aside !== true)
    const excluded = new Set(query.getAll('exclude'))
    const lines: string[] = []
    const failed: { name: string; error: unknown }[] = []
    const errors = await Promise.all(checks.map(async (check) => (excluded.has(check.name) ? undefined : run(check))))
    checks.forEach(({ name }, index) => {
      const error = errors[index]
      if (excluded.delete(name)) lines.push(`[+]${name} excluded: ok\n`)
      else if (error === undefined) lines.push(`[+]${name} ok\n`)
      else {
        lines.push(`[-]${name} failed: reason withheld\n`)
        failed.push({ name, error })
      }
    })
    if (excluded.size > 0) {
      const names = [...excluded].sort().map((name) => JSON.stringify(name))
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(', ')}\n`)
    }
    if (failed.length > 0) return { code: 500, body: `${lines.join('')}${this.endpoint} check failed\n`, failed }
    const body = query.has('verbose') ? `${lines.join('')}${this.endpoint} check passed\n` : 'ok'
    return { code: 200, body, failed }
  }
}

/** The error, or undefined when healthy. */
async function run(check: HealthCheck): Promise<unknown> {
  const timeout = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)
    timeout.abort(error)
    reject(error)
  }, CHECK_TIMEOUT_MS)
  try {
    await Promise.race([check.check(timeout.signal), promise])
    return undefined
  } catch (error) {
    return error ?? new Error('unhealthy')
  } finally {
    clearTimeout(timer)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
