// Two servers that are asked the same, and what differs in their answers.
import { decodeYaml } from '@keelson/apimachinery'
import type { Connection } from '../../conformance/connection.ts'
import {
  type ExchangeRequest,
  type ExchangeResponse,
  type JsonMap,
  erase,
  isMap,
  lookUp,
} from '../../conformance/exchange.ts'
import { compare, normalize } from '../../conformance/normalize.ts'
import { inAnyOrder, withoutAllocated } from './not-compared.ts'
import type { FuzzKind } from './kinds.ts'
import { awaitLoops } from './loop-status.ts'
import { type Step, type Target, requestOf } from './step.ts'

export interface Pair {
  readonly upstream: Connection
  readonly keelson: Connection
  readonly ignoreManagedFields: boolean
}

/** The object as each server has it. */
export interface Copies {
  upstream: JsonMap | undefined
  keelson: JsonMap | undefined
}

export interface Outcome {
  readonly step: Step
  readonly request: ExchangeRequest
  readonly status: number
  readonly keelsonStatus: number
  /** `path: expected X, got Y`; empty: the same. */
  readonly differences: readonly string[]
}

/** Written by loops inside the real server, some time after the request: JSON pointers into the object. */
export const ASYNCHRONOUS: Readonly<Record<string, readonly string[]>> = {
  'customresourcedefinitions.apiextensions.k8s.io': ['/status', '/metadata/finalizers'],
  'servicecidrs.networking.k8s.io': ['/status', '/metadata/finalizers'],
}

const COMPARED_HEADERS = ['warning', 'content-type', 'retry-after'] as const

export async function send(pair: Pair, step: Step, target: Target, copies: Copies): Promise<Outcome> {
  if (target.kind.name in ASYNCHRONOUS) await refresh(pair, target, copies)
  await awaitLoops(pair, target, copies)
  const request = requestOf(step, target, copies.upstream)
  const [expected, actual] = await Promise.all([
    call(pair.upstream, request),
    call(pair.keelson, requestOf(inOwnAddresses(step, copies), target, copies.keelson)),
  ])
  remember(step, target.kind, expected, actual, copies)
  const differences = differencesOf(pair, target.kind, expected, actual)
  return { step, request, status: expected.status, keelsonStatus: actual.status, differences }
}

/**
 * A mutation may have copied an address, a node port, a uid or a volume that the real server made up: for ours it is the one that ours
 * made up.
 */
function inOwnAddresses(step: Step, { upstream, keelson }: Copies): Step {
  let text = JSON.stringify(step)
  const [theirs, ours] = [upstream, keelson].map((copy) => lookUp(copy, '/spec/clusterIP'))
  if (typeof theirs === 'string' && typeof ours === 'string' && /^\d/.test(theirs))
    text = text.replaceAll(`"${theirs}"`, `"${ours}"`)
  const [theirUid, ourUid] = [upstream, keelson].map((copy) => lookUp(copy, '/metadata/uid'))
  if (typeof theirUid === 'string' && typeof ourUid === 'string') text = text.replaceAll(theirUid, ourUid)
  const [theirToken, ourToken] = [upstream, keelson].map(tokenVolumeOf)
  if (theirToken !== undefined && ourToken !== undefined) text = text.replaceAll(theirToken, ourToken)
  const [theirPorts = [], ourPorts = []] = [upstream, keelson].map(nodePortsOf)
  for (const [index, port] of theirPorts.entries())
    text = text.replaceAll(`odePort":${port}`, `odePort":${ourPorts[index]}`)
  for (const mutation of nodePortMutations(text)) {
    const index = theirPorts.indexOf(mutation)
    if (index !== -1) text = text.replaceAll(`odePort"],"set":${mutation}`, `odePort"],"set":${ourPorts[index]}`)
  }
  return JSON.parse(text) as Step // As it was, with other texts.
}

/** `kube-api-access-x7k2p` */
const tokenVolumeOf = (copy: JsonMap | undefined): string | undefined =>
  /"(kube-api-access-[a-z0-9]{5})"/.exec(JSON.stringify(lookUp(copy, '/spec/volumes') ?? ''))?.[1]

const nodePortMutations = (text: string): number[] =>
  [...text.matchAll(/odePort"\],"set":(\d+)/g)].map(([, port]) => Number(port))

function nodePortsOf(copy: JsonMap | undefined): number[] {
  const ports = lookUp(copy, '/spec/ports')
  const numbers = Array.isArray(ports) ? (ports as JsonMap[]).map(({ nodePort }) => nodePort) : [] // Of a service.
  return [...numbers, lookUp(copy, '/spec/healthCheckNodePort')].filter((port) => typeof port === 'number')
}

/** The real server cuts the connection when a handler panics (some strategic merge patches do that): status 0. */
const call = (connection: Connection, request: ExchangeRequest): Promise<ExchangeResponse> =>
  connection.call(request).catch((error: unknown) => ({ status: 0, body: String(error) }))

async function refresh(pair: Pair, target: Target, copies: Copies): Promise<void> {
  if (copies.upstream === undefined) return
  const request = requestOf({ verb: 'get', mutations: [] }, target, undefined)
  const [upstream, keelson] = await Promise.all([pair.upstream.call(request), pair.keelson.call(request)])
  if (upstream.status === 200) copies.upstream = upstream.body as JsonMap // An object, as 200 says.
  if (keelson.status === 200) copies.keelson = keelson.body as JsonMap // An object, as 200 says.
}

function remember(
  step: Step,
  { kind }: FuzzKind,
  expected: ExchangeResponse,
  actual: ExchangeResponse,
  copies: Copies,
): void {
  if (step.query?.dryRun !== undefined || step.verb === 'get' || step.verb === 'list') return
  // An object that was deleted at once is the answer too; the next request meets 404 with the old copy, as a client would.
  copies.upstream = objectIn(expected, kind) ?? copies.upstream
  copies.keelson = objectIn(actual, kind) ?? copies.keelson
}

const objectIn = ({ status, body }: ExchangeResponse, kind: string): JsonMap | undefined =>
  status < 300 && isMap(body) && body.kind === kind ? body : undefined

function differencesOf(
  { ignoreManagedFields }: Pair,
  { name }: FuzzKind,
  expected: ExchangeResponse,
  actual: ExchangeResponse,
): string[] {
  const options = { ignoreManagedFields, generated: new Map<string, string>() }
  const [left, right] = [expected, actual].map(({ status, headers = {}, body }) => ({
    status,
    headers: Object.fromEntries(COMPARED_HEADERS.map((header) => [header, headers[header]])),
    body: inAnyOrder(normalize(withoutAllocated(name, parsed(body)), '', options)),
  }))
  for (const pointer of ASYNCHRONOUS[name] ?? []) {
    for (const answer of [left, right]) {
      withoutLoops(answer)
      for (const root of ['/body', '/body/items/*', '/body/rows/*/object']) erase(answer, root + pointer)
      if (lookUp(answer, '/body/kind') === 'Table') erase(answer, '/body/rows/*/cells')
    }
  }
  return compare(left, right)
}

/** The manager of what those loops write. */
export const LOOPS: ReadonlySet<unknown> = new Set(['kube-apiserver'])

function withoutLoops(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const item of Object.values(value)) withoutLoops(item)
  if (isMap(value) && Array.isArray(value.managedFields))
    value.managedFields = value.managedFields.filter((entry: JsonMap) => !LOOPS.has(entry.manager))
}

/** YAML is compared as the tree that it says. */
function parsed(body: unknown): unknown {
  return typeof body === 'string' && /^\w+: /.test(body) ? decodeYaml(Buffer.from(body)).value : body
}

/** With the account that a controller normally makes: pods are refused without it. */
export async function createNamespace({ upstream, keelson }: Pair, name: string): Promise<void> {
  for (const connection of [upstream, keelson]) {
    await connection.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } })
    const path = `/api/v1/namespaces/${name}/serviceaccounts`
    await connection.call({ method: 'POST', path, body: { metadata: { name: 'default' } } })
  }
}
