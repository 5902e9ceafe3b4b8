// Replays one exchange file against a server: its own namespace, the steps in order, clean-up.
import { basename } from 'node:path'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from './connection.ts'
import {
  type Exchange,
  type ExchangeRequest,
  type ExchangeResponse,
  type JsonMap,
  type Step,
  erase,
  isMap,
  lookUp,
} from './exchange.ts'
import { compare, normalize } from './normalize.ts'

export interface StepResult {
  /** `PATCH /api/v1/… (about)` */
  readonly label: string
  readonly path: string
  /** Empty: as recorded. */
  readonly differences: readonly string[]
}

/**
 * For a step that waits for an asynchronous part of the server (`until`): kube-apiserver takes under a second. A server that
 * does not have that part would be waited for at each such step: when one was in vain, the others of its topic are sent once.
 */
const PATIENCE_MS = 10_000
const CLEANUP_TIMEOUT_MS = 30_000

interface Run {
  readonly ignoreManagedFields: false
  readonly connection: Pick<Connection, 'call' | 'watch'>
  readonly variables: Map<string, unknown>
  readonly generated: Map<string, string>
  readonly created: string[]
  readonly results: StepResult[]
  /** 0 once a wait was in vain. */
  patienceMs: number
}

export async function replayFile(
  connection: Pick<Connection, 'call' | 'watch'>,
  file: string,
  patienceMs = PATIENCE_MS,
): Promise<StepResult[]> {
  const exchange = JSON.parse(readFileSync(file, 'utf8')) as Exchange // Committed data.
  const namespace = basename(file, '.json')
  const run: Run = {
    connection,
    ignoreManagedFields: false,
    variables: new Map([['ns', namespace]]),
    generated: new Map(),
    created: [`/api/v1/namespaces/${namespace}`],
    results: [],
    patienceMs,
  }
  try {
    await createNamespace(run, namespace, exchange.steps)
    for (const step of exchange.steps) await runStep(step, run)
  } catch (error) {
    run.results.push({ label: 'set-up', path: '', differences: [String(error)] })
  }
  for (const path of run.created.toReversed()) await removeObject(connection, path)
  return run.results
}

async function runStep(step: Step, run: Run): Promise<void> {
  const label = `${step.request.as ? `[${step.request.as}] ` : ''}${step.request.method} ${step.request.path}${step.about ? ` (${step.about})` : ''}`
  const result = { label, path: step.request.path }
  try {
    const request = substitute(step.request, run.variables)
    const reply = await send(step, request, run)
    remember(request, reply, run)
    for (const [name, pointer] of Object.entries(step.save ?? {}))
      run.variables.set(name, lookUp(reply.body ?? reply.events, pointer))
    const actual = normalize(reply, '', run)
    for (const pointer of step.ignore ?? []) erase(actual, pointer)
    const expected = normalize(step.response, '', { ...run, generated: new Map() })
    const differences = compare(expected, actual)
    if (step.until && !isReached(step.until, reply)) differences.unshift(`never reached ${JSON.stringify(step.until)}`)
    run.results.push({ ...result, differences })
  } catch (error) {
    run.results.push({ ...result, differences: [String(error)] })
  }
}

async function send(step: Step, request: ExchangeRequest, run: Run): Promise<ExchangeResponse> {
  const startedAt = performance.now()
  for (;;) {
    const { watch } = step
    const reply =
      watch === undefined
        ? await run.connection.call(request)
        : await run.connection.watch(request, watch.events, watch.timeoutMs ?? 5000, async () => {
            for (const inner of watch.steps ?? []) await runStep(inner, run)
          })
    if (!step.until || isReached(step.until, reply)) return reply
    if (performance.now() - startedAt >= run.patienceMs) {
      run.patienceMs = 0
      return reply
    }
    await delay(100)
  }
}

const isReached = (until: Readonly<Record<string, unknown>>, reply: ExchangeResponse): boolean =>
  Object.entries(until).every(([pointer, wanted]) =>
    pointer === 'status' ? reply.status === wanted : lookUp(reply.body, pointer) === wanted,
  )

/** Replaces ${name} everywhere in a request by the value an earlier step saved. */
function substitute(request: ExchangeRequest, variables: ReadonlyMap<string, unknown>): ExchangeRequest {
  const text = JSON.stringify(request).replace(/\$\{(\w+)\}/g, (whole, name: string) => {
    if (!variables.has(name)) throw new Error(`nothing saved as ${whole}`)
    return JSON.stringify(String(variables.get(name))).slice(1, -1)
  })
  return JSON.parse(text) as ExchangeRequest // The same shape with other texts.
}

/** Notes what a step created (to delete it at the end) and which names the server made up. */
function remember(request: ExchangeRequest, { status, body }: ExchangeResponse, run: Run): void {
  const metadata = isMap(body) && isMap(body.metadata) ? body.metadata : {}
  const { name, generateName } = metadata as { name?: string; generateName?: string } // Of an object's metadata.
  if (status !== 201 || name === undefined || request.query?.dryRun) return
  run.created.push(request.method === 'POST' ? `${request.path}/${name}` : request.path)
  if (generateName && name.startsWith(generateName)) run.generated.set(name, `${generateName}<random>`)
}

/** Every file has a namespace of its own, named after it, so that files neither meet each other nor an earlier run. */
async function createNamespace({ connection }: Run, name: string, steps: readonly Step[]): Promise<void> {
  const request = { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } }
  if ((await connection.call(request)).status === 409) {
    // An interrupted run left things behind.
    for (const { request: earlier } of steps.toReversed()) {
      const created = lookUp(earlier.body, '/metadata/name')
      if (earlier.method === 'POST' && created !== undefined && !earlier.path.includes('${')) {
        await removeObject(connection, `${earlier.path}/${String(created)}`)
      }
    }
    await removeObject(connection, `/api/v1/namespaces/${name}`)
    const { status } = await connection.call(request)
    if (status !== 201) throw new Error(`cannot create namespace ${name}: ${status}`)
  }
  // A controller normally makes this account, and pods are refused without it. 409: the controller was first.
  await connection.call({
    method: 'POST',
    path: `/api/v1/namespaces/${name}/serviceaccounts`,
    body: { metadata: { name: 'default' } },
  })
}

/** Deletes an object for good, also where no controller is running that would take its finalizers away. */
export async function removeObject(connection: Pick<Connection, 'call'>, path: string): Promise<void> {
  const deadline = Date.now() + CLEANUP_TIMEOUT_MS
  await connection.call({ method: 'DELETE', path, query: { gracePeriodSeconds: '0', propagationPolicy: 'Background' } })
  while (Date.now() < deadline) {
    const { status, body } = await connection.call({ method: 'GET', path })
    if (status !== 200 || !isMap(body)) return
    if (body.kind === 'Namespace') {
      await connection.call({ method: 'PUT', path: `${path}/finalize`, body: { ...body, spec: { finalizers: [] } } })
    }
    if ((body.metadata as JsonMap | undefined)?.finalizers && body.kind !== 'CustomResourceDefinition') {
      // (A CRD's finalizer is the server's own work.)
      const headers = { 'content-type': 'application/merge-patch+json' }
      await connection.call({ method: 'PATCH', path, headers, body: { metadata: { finalizers: null } } })
    }
    await delay(20)
  }
  throw new Error(`${path} could not be deleted`)
}
