// The apply fuzz: several managers create, apply, patch and update one object, on a real kube-apiserver and on Keelson, and every
// answer is compared, managedFields included. A sequence ends at its first difference, and at a write that is refused otherwise
// than it should be.
import type { Connection } from '../conformance/connection.ts'
import { type ExchangeRequest, type ExchangeResponse, type JsonMap, isMap } from '../conformance/exchange.ts'
import { compare, normalize } from '../conformance/normalize.ts'
import { APPLY_KINDS, type ApplyKind } from './apply/wants.ts'
import { type Place, collectionOf, createSteps } from './apply/steps.ts'
import { startBothServers } from './both-servers.ts'
import { connect } from './connect.ts'
import { type Pair, createNamespace } from './fuzz/pair.ts'
import { type Random, createRandom } from './fuzz/random.ts'

export interface ApplyFuzzOptions {
  readonly seed: number
  /** Of each kind. */
  readonly sequences: number
  /** Names; all when empty. */
  readonly kinds: readonly string[]
}

export interface ApplyFuzzResult {
  readonly kind: string
  readonly sequences: number
  readonly requests: number
  readonly accepted: number
  readonly different: readonly Difference[]
}

export interface Difference {
  readonly name: string
  /** The requests until the difference, that one last. */
  readonly requests: readonly ExchangeRequest[]
  readonly lines: readonly string[]
}

const NAMESPACE = 'apply-fuzz'
const CONCURRENCY = 4

/** Starts both servers. */
export async function* applyFuzz(options: ApplyFuzzOptions): AsyncGenerator<ApplyFuzzResult> {
  await using servers = await startBothServers()
  await using pair = connect(servers, { ignoreManagedFields: false })
  await createNamespace(pair, NAMESPACE)
  for (const kind of APPLY_KINDS) {
    if (options.kinds.length === 0 || options.kinds.includes(kind.name)) yield await fuzzKind(kind, pair, options)
  }
}

const MAX_LINES = 8
const MAX_SHOWN = 5

/** A line, and below it what differs with the requests that lead there. */
export function describe({ kind, sequences, requests, accepted, different }: ApplyFuzzResult): string {
  const head = `${kind}: ${sequences} sequences, ${requests} requests, ${accepted} accepted, ${different.length} differ`
  const shown = different
    .slice(0, MAX_SHOWN)
    .flatMap(({ name, lines, requests: sent }) => [
      `  ${name}`,
      ...lines.slice(0, MAX_LINES).map((line) => `    ${line}`),
      ...sent.map(
        ({ method, path, query, headers = {}, body }) =>
          `      ${[method, path, JSON.stringify(query), headers['content-type'], JSON.stringify(body)].join(' ')}`,
      ),
    ])
  return [head, ...shown].join('\n')
}

interface Sequence {
  readonly requests: number
  readonly accepted: number
  readonly difference: Difference | undefined
}

async function fuzzKind(kind: ApplyKind, pair: Pair, options: ApplyFuzzOptions): Promise<ApplyFuzzResult> {
  const results: Sequence[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < options.sequences) {
      const number = next++
      const place = { kind, namespace: NAMESPACE, name: `${kind.name}-${options.seed}-${number}` }
      results.push(await runSequence(place, createRandom(options.seed, kind.name, number), pair))
      await Promise.all([removeObject(pair.upstream, place), removeObject(pair.keelson, place)])
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return {
    kind: kind.name,
    sequences: results.length,
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    accepted: results.reduce((sum, { accepted }) => sum + accepted, 0),
    different: results.flatMap(({ difference }) => difference ?? []),
  }
}

async function runSequence(place: Place, random: Random, { upstream, keelson }: Pair): Promise<Sequence> {
  const steps = createSteps(place, random)
  const copies: { upstream: JsonMap | undefined; keelson: JsonMap | undefined } = {
    upstream: undefined,
    keelson: undefined,
  }
  const sent: ExchangeRequest[] = []
  let accepted = 0
  for (const step of steps) {
    const request = step(copies.upstream)
    sent.push(request)
    const [expected, actual] = await Promise.all([upstream.call(request), keelson.call(step(copies.keelson))])
    const lines = differencesOf(expected, actual)
    if (lines.length > 0)
      return { requests: sent.length, accepted, difference: { name: place.name, requests: sent, lines } }
    if (expected.status < 300) accepted++
    copies.upstream = objectIn(expected, place.kind) ?? copies.upstream
    copies.keelson = objectIn(actual, place.kind) ?? copies.keelson
  }
  return { requests: sent.length, accepted, difference: undefined }
}

const objectIn = ({ status, body }: ExchangeResponse, { kind }: ApplyKind): JsonMap | undefined =>
  status < 300 && isMap(body) && body['kind'] === kind ? body : undefined

function differencesOf(expected: ExchangeResponse, actual: ExchangeResponse): string[] {
  const [left, right] = [expected, actual].map(({ status, headers = {}, body }) =>
    normalize({ status, warning: headers['warning'], body: ordered(body) }, '', {
      ignoreManagedFields: false,
      generated: new Map(),
    }),
  )
  return compare(left, right)
}

/** The real server tells conflicts with several managers, and several errors of a type, in another order each time. */
function ordered(body: unknown): unknown {
  if (!isMap(body) || body['kind'] !== 'Status' || typeof body['message'] !== 'string') return body
  const details = isMap(body['details']) ? body['details'] : {}
  const causes = details['causes']
  return {
    ...body,
    message: body['message'].split('\n').toSorted().join('\n'),
    details: { ...details, ...(Array.isArray(causes) && { causes: causes.toSorted(byText) }) },
  }
}

const byText = (left: unknown, right: unknown): number => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)

async function removeObject(connection: Connection, { kind, namespace, name }: Place): Promise<void> {
  const path = `${collectionOf(kind, namespace)}/${name}`
  const headers = { 'content-type': 'application/merge-patch+json' }
  await connection.call({ method: 'PATCH', path, headers, body: { metadata: { finalizers: null } } })
  await connection.call({ method: 'DELETE', path, query: { gracePeriodSeconds: '0', propagationPolicy: 'Background' } })
}
