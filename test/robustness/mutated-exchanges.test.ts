// Thousands of requests made from the recorded exchanges by breaking each a little, against a live server: whatever comes is
// answered, an error is a Status, nothing is a fault of the server, and its memory stays.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type EtcdCluster, startEtcd } from '@keelson/storage/testing'
import type { TestClient } from '../../packages/server/src/testing/test-client.ts'
import type { Exchange, ExchangeRequest } from '../conformance/exchange.ts'
import { CONFIG_MAPS, Replica } from './replica.ts'

const EXCHANGES = join(import.meta.dirname, '../conformance/exchanges')
const REQUESTS = 6_000
const LANES = 16
const DEADLINE_MS = 10_000

let etcd: EtcdCluster
let replica: Replica
before(async () => {
  etcd = await startEtcd()
  replica = await Replica.start({ etcdServers: etcd.endpoints })
  await replica.ready()
})
after(async () => {
  await replica[Symbol.asyncDispose]()
  await etcd[Symbol.asyncDispose]()
})

const recorded: ExchangeRequest[] = readdirSync(EXCHANGES)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => {
    const { steps } = JSON.parse(readFileSync(join(EXCHANGES, file), 'utf8')) as Exchange // As exchange.ts says.
    return steps.map(({ request }) => request)
  })

const junk = fc.constantFrom(
  '',
  '\0',
  '..',
  '%',
  '%2f',
  '{',
  ']',
  '"',
  'null',
  '-1',
  '1e999',
  '9'.repeat(30),
  'é',
  '\\u0000',
  '[[[[',
  '${x}',
  ' ',
)

interface Mutation {
  readonly which: number
  readonly target: 'body' | 'path' | 'query' | 'header' | 'method'
  readonly at: number
  readonly remove: number
  readonly insert: string
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  which: fc.nat(recorded.length - 1),
  target: fc.constantFrom('body', 'body', 'body', 'path', 'query', 'header', 'method'),
  at: fc.nat(10_000),
  remove: fc.nat(12),
  insert: junk,
})

function mutate(text: string, { at, remove, insert }: Mutation): string {
  const place = at % (text.length + 1)
  return text.slice(0, place) + insert + text.slice(place + remove)
}

const printable = (text: string): string => text.replaceAll(/[^\u0021-\u007e]/g, '_')

async function send(client: TestClient, broken: Mutation): Promise<void> {
  const request = recorded[broken.which]
  if (request === undefined) return
  const is = (target: Mutation['target']): boolean => broken.target === target
  const query = new URLSearchParams({ ...request.query }).toString()
  const path = printable(is('path') ? `/${mutate(request.path.slice(1), broken)}` : request.path)
  const search = printable(is('query') ? mutate(query, broken) : query)
  const method = is('method') ? ['PUT', 'POST', 'PATCH', 'DELETE', 'GET'][broken.at % 5] : request.method
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      is('header') ? printable(mutate(value, broken)) : value,
    ]),
  )
  const text = typeof request.body === 'string' ? request.body : JSON.stringify(request.body ?? {})
  const hasBody = request.body !== undefined && method !== 'GET' && method !== 'HEAD'
  const body = hasBody ? { body: is('body') ? mutate(text, broken) : text } : {}
  const about = `${method} ${path}?${search} ${text.slice(0, 500)} ${JSON.stringify(broken)}`
  const begun = performance.now()
  const { status, stream } = await client.open(`${path}?${search}`, { method: method ?? 'GET', headers, ...body })
  // A watch that is granted has no end to wait for.
  if (status === 200 && /watch/.test(`${path}?${search}`)) return void stream.destroy()
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer) // No encoding is set: chunks are buffers.
  const answer = Buffer.concat(chunks).toString()
  assert.ok(performance.now() - begun < DEADLINE_MS, `slow: ${about}`)
  assert.ok(status < 500 || /"kind": ?"Status"/.test(answer), `${status} ${answer.slice(0, 300)}: ${about}`)
  assert.doesNotMatch(answer, /Cannot read propert|is not a function|is not iterable|undefined \(/, about)
}

test('mutated requests of the recorded exchanges', { timeout: 80_000 }, async () => {
  const mutations = fc.sample(mutation, { numRuns: REQUESTS, seed: 7 })
  const { rss } = replica
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const client = replica.client(lane % 2 === 0 ? '2' : '1.1')
    for (let index = lane; index < mutations.length; index += LANES) {
      const next = mutations[index]
      if (next !== undefined) await send(client, next)
    }
  })
  await Promise.all(lanes)
  assert.ok(replica.running)
  assert.equal((await replica.client('2').request(CONFIG_MAPS)).status, 200)
  const faults = replica.log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line))
  assert.deepEqual(
    faults.map((line) => line.slice(0, 600)),
    [],
  )
  assert.ok(replica.rss - rss < 300e6, `${replica.rss - rss} bytes`)
})
