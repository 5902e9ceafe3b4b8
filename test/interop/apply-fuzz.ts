// The apply fuzz: several managers create, apply, patch and update one object, on a real kube-apiserver and on Keelson, and every
// answer is compared, managedFields included. A sequence ends at its first difference, and at a write that is refused otherwise
// than it should be.
import type { Connection } from '../conformance/connection.ts'
import { type ExchangeRequest, type ExchangeResponse, type JsonMap, isMap } from '../conformance/exchange.ts'
import { compare, normalize } from '../conformance/normalize.ts'
import { APPLY_KINDS, type ApplyKind } from './apply/wants.ts'
import { type Place, collectionOf, createSteps } from './apply/steps.ts'
import { createRandom } from './fuzz/random.ts'

export interface ApplyFuzzOptions {
  readonly seed: number
  /** Of each kind. */
  readonly sequences: number
  /** Names; all when empty. */
  readonly kinds: readonly string[]
  readonly upstream: Connection
  readonly keelson: Connection
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

export async function* applyFuzz(options: ApplyFuzzOptions): AsyncGenerator<ApplyFuzzResult> {
  const { upstream, keelson, kinds } = options
  for (const connection of [upstream, keelson]) {
    await connection.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: NAMESPACE } } })
    const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`
    await connection.call({ method: 'POST', path, body: { metadata: { name: 'default' } } })
  }
  for (const kind of APPLY_KINDS)
    if (kinds.length === 0 || kinds.includes(kind.name)) yield await fuzzKind(kind, options)
}

interface Sequence {
  readonly requests: number
  readonly accepted: number
  readonly difference: Difference | undefined
}

async function fuzzKind(kind: ApplyKind, options: ApplyFuzzOptions): Promise<ApplyFuzzResult> {
  const results: Sequence[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < options.sequences) {
      const number = next++
      const place = { kind, namespace: NAMESPACE, name: `${kind.name}-${options.seed}-${number}` }
      results.push(await runSequence(place, number, options))
      await Promise.all([removeObject(options.upstream, place), removeObject(options.keelson, place)])
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

async function runSequence(
  place: Place,
  number: number,
  { seed, upstream, keelson }: ApplyFuzzOptions,
): Promise<Sequence> {
  const steps = createSteps(place, createRandom(seed, place.kind.name, number))
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
