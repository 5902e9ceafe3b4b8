// A real kube-apiserver and Keelson on one etcd: at least one object of each storable kind, written by either side, must be
// read the same by both. The objects are the first recorded ones of each kind (test/conformance/exchanges/defaults-*).
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Exchange, JsonMap } from '../conformance/exchange.ts'
import { run, upstreamBinary } from './upstream.ts'

export interface SharingResult {
  readonly name: string
  readonly same: boolean
  readonly detail: string
}

interface Sample {
  /** Collection path, in namespace `sharing` where there is one. */
  readonly path: string
  readonly body: JsonMap
}

const NAMESPACE = 'sharing'
const EXCHANGES = join(import.meta.dirname, '../conformance/exchanges')
/** Conditions that loops inside upstream set a moment later need this long at most. */
const SETTLE_MS = 5000
/** kubectl prints them before the object. */
const WARNINGS = /^Warning: .*\n/gm

export async function compareSharing(upstream: string, keelson: string): Promise<SharingResult[]> {
  const setUp = `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"${NAMESPACE}"}}`
  await kubectl(upstream, ['create', '-f', '-'], setUp)
  await kubectl(upstream, ['create', 'serviceaccount', 'default', '-n', NAMESPACE])
  const results: SharingResult[] = []
  for (const sample of samples()) {
    for (const [writer, kubeconfig] of [
      ['kube-apiserver', upstream],
      ['keelson', keelson],
    ] as const) {
      const name = `${sample.path} written by ${writer}`
      results.push({ name, ...(await roundTrip(sample, kubeconfig, upstream, keelson)) })
    }
  }
  return results
}

function samples(): Sample[] {
  const found = new Map<string, Sample>()
  for (const file of readdirSync(EXCHANGES).filter((each) => each.startsWith('defaults-'))) {
    const { steps } = JSON.parse(readFileSync(join(EXCHANGES, file), 'utf8')) as Exchange // Committed data.
    for (const { request, response } of steps) {
      if (request.method !== 'POST' || response.status !== 201 || typeof request.body !== 'object' || request.query)
        continue
      const path = request.path.replace(/\/namespaces\/[^/]+\//, `/namespaces/${NAMESPACE}/`)
      if (!found.has(path)) found.set(path, { path, body: inNamespace(request.body as JsonMap) })
    }
  }
  return [...found.values()]
}

/** References to the recording's namespace (an event's object must be in the event's) name ours. */
function inNamespace(body: JsonMap): JsonMap {
  return JSON.parse(JSON.stringify(body).replace(/"namespace":"defaults-[^"]*"/g, `"namespace":"${NAMESPACE}"`))
}

async function roundTrip(
  { path, body }: Sample,
  writer: string,
  upstream: string,
  keelson: string,
): Promise<{ same: boolean; detail: string }> {
  const name = String((body.metadata as JsonMap).name)
  const object = `${path}/${name}`
  const created = await kubectl(writer, ['create', '--raw', path, '-f', '-'], JSON.stringify(body))
  if (created.status !== 0) return { same: false, detail: `    create: ${created.output.slice(0, 400)}` }
  const deadline = Date.now() + SETTLE_MS
  let left = ''
  let right = ''
  do {
    await delay(left === '' ? 0 : 100)
    ;[left, right] = await Promise.all([read(upstream, object), read(keelson, object)])
  } while (left !== right && Date.now() < deadline)
  await remove(writer, path, name)
  return {
    same: left === right && left.startsWith('{'),
    detail: `    kube-apiserver: ${left.slice(0, 1500)}\n    keelson:        ${right.slice(0, 1500)}`,
  }
}

async function read(kubeconfig: string, path: string): Promise<string> {
  const { output } = await kubectl(kubeconfig, ['get', '--raw', path])
  try {
    return JSON.stringify(sorted(JSON.parse(output.replace(WARNINGS, ''))))
  } catch {
    return output
  }
}

/** Key order is free in JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

async function remove(kubeconfig: string, path: string, name: string): Promise<void> {
  await kubectl(kubeconfig, ['delete', '--raw', `${path}/${name}?gracePeriodSeconds=0`])
  const deadline = Date.now() + SETTLE_MS
  while (Date.now() < deadline) {
    const { status, output } = await kubectl(kubeconfig, ['get', '--raw', `${path}/${name}`])
    if (status !== 0) return
    const object = JSON.parse(output.replace(WARNINGS, '')) as JsonMap // An object, as its status 200 says.
    if (object.kind === 'Namespace') {
      await kubectl(
        kubeconfig,
        ['replace', '--raw', `${path}/${name}/finalize`, '-f', '-'],
        JSON.stringify({ ...object, spec: { finalizers: [] } }),
      )
    } else if ((object.metadata as JsonMap).finalizers && object.kind !== 'CustomResourceDefinition') {
      const metadata = { ...(object.metadata as JsonMap), finalizers: [] }
      await kubectl(
        kubeconfig,
        ['replace', '--raw', `${path}/${name}`, '-f', '-'],
        JSON.stringify({ ...object, metadata }),
      )
    }
    await delay(50)
  }
}

const kubectl = (
  kubeconfig: string,
  args: readonly string[],
  input?: string,
): Promise<{ status: number; output: string }> =>
  run(upstreamBinary('kubectl'), ['--kubeconfig', kubeconfig, ...args], input === undefined ? {} : { input })
