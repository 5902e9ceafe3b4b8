import assert from 'node:assert/strict'
import { connect } from 'node:http2'
import { after, before, test } from 'node:test'
import type { TestClient, TestWatch } from '../testing/test-client.ts'
import { TestServer } from '../testing/test-server.ts'

let server: TestServer
let client: TestClient
before(async () => {
  server = await TestServer.start()
  client = await server.client('2')
})
after(async () => server[Symbol.asyncDispose]())

/** A namespace of its own for each test. */
let namespaces = 0
async function newNamespace(): Promise<string> {
  const name = `watch-${++namespaces}`
  const { status, text } = await client.request('/api/v1/namespaces', {
    method: 'POST',
    body: { kind: 'Namespace', apiVersion: 'v1', metadata: { name } },
  })
  assert.equal(status, 201, text)
  return `/api/v1/namespaces/${name}/configmaps`
}

async function create(path: string, name: string, labels: Record<string, string> = {}, data = {}): Promise<string> {
  const body = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, labels }, data }
  const answer = await client.request(path, { method: 'POST', body })
  assert.equal(answer.status, 201, answer.text)
  return answer.body.metadata.resourceVersion
}

async function patch(path: string, name: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/merge-patch+json' }
  const answer = await client.request(`${path}/${name}`, { method: 'PATCH', headers, body })
  assert.equal(answer.status, 200, answer.text)
  return answer.body.metadata.resourceVersion
}

const summary = (watch: TestWatch): string[] =>
  watch.events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim())

test('a watch of a revision gets what came after it, in order, with the last state of what was deleted', async () => {
  const path = await newNamespace()
  const revision = await create(path, 'a')
  await create(path, 'b')
  await patch(path, 'a', { data: { k: '1' } })
  await client.request(`${path}/a`, { method: 'DELETE' })
  const watch = await client.watch(`${path}?watch=1&resourceVersion=${revision}`)
  await watch.until(3)
  assert.deepEqual(summary(watch), ['ADDED b', 'MODIFIED a', 'DELETED a'])
  const revisions = watch.events.map(({ object }) => Number(object.metadata.resourceVersion))
  assert.deepEqual(
    revisions,
    [...revisions].sort((left, right) => left - right),
  )
  assert.equal(watch.events[2].object.data.k, '1')
  watch.close()
})

test('an object that begins to match is ADDED, and DELETED when it ceases to', async () => {
  const path = await newNamespace()
  const watch = await client.watch(`${path}?watch=1&labelSelector=in%3Dyes`)
  await create(path, 'a')
  await patch(path, 'a', { metadata: { labels: { in: 'yes' } } })
  await patch(path, 'a', { data: { k: '1' } })
  const out = await patch(path, 'a', { metadata: { labels: { in: 'no' } } })
  await watch.until(3)
  assert.deepEqual(summary(watch), ['ADDED a', 'MODIFIED a', 'DELETED a'])
  assert.equal(watch.events[2].object.metadata.labels.in, 'yes')
  assert.equal(watch.events[2].object.metadata.resourceVersion, out)
  watch.close()
})

test('scopes see their own: everything, a namespace, a name', async () => {
  const [one, two] = [await newNamespace(), await newNamespace()]
  const revision = await create(two, 'other')
  const all = await client.watch(`/api/v1/configmaps?watch=1&resourceVersion=${revision}`)
  const namespace = await client.watch(`${one}?watch=1&resourceVersion=${revision}`)
  const name = await client.watch(`${one}?watch=1&resourceVersion=${revision}&fieldSelector=metadata.name%3Db`)
  await create(one, 'a')
  await create(two, 'b')
  await create(one, 'b')
  await Promise.all([all.until(3), namespace.until(2), name.until(1)])
  assert.deepEqual(summary(all), ['ADDED a', 'ADDED b', 'ADDED b'])
  assert.deepEqual(summary(namespace), ['ADDED a', 'ADDED b'])
  assert.deepEqual(summary(name), ['ADDED b'])
  for (const watch of [all, namespace, name]) watch.close()
})

test('a watch from the state gets each object once, however busy the writers are', async () => {
  const path = await newNamespace()
  await Promise.all(Array.from({ length: 50 }, (_, index) => create(path, `before-${index}`)))
  const writing = Promise.all(Array.from({ length: 50 }, (_, index) => create(path, `during-${index}`)))
  const watches = await Promise.all(Array.from({ length: 20 }, () => client.watch(`${path}?watch=1`)))
  await writing
  for (const watch of watches) {
    await watch.until(100)
    assert.equal(new Set(summary(watch)).size, 100)
    watch.close()
  }
})

test('a watch list ends its initial events with a bookmark', async () => {
  const path = await newNamespace()
  await create(path, 'a')
  const watch = await client.watch(
    `${path}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  )
  await watch.until(2)
  assert.deepEqual(summary(watch), ['ADDED a', 'BOOKMARK'])
  assert.equal(watch.events[1].object.metadata.annotations['k8s.io/initial-events-end'], 'true')
  await create(path, 'b')
  await watch.until(3)
  assert.equal(watch.events[2].object.metadata.name, 'b')
  watch.close()
})

test('a watch from a revision that is not there yet waits for it, and sends nothing older', async () => {
  const path = await newNamespace()
  const revision = Number(await create(path, 'a'))
  const watch = await client.watch(`${path}?watch=1&resourceVersion=${revision + 2}`)
  await create(path, 'b')
  await create(path, 'c')
  await create(path, 'd')
  await watch.until(1)
  assert.deepEqual(summary(watch), ['ADDED d'])
  watch.close()
})

test('a watch of a table names its columns once', async () => {
  const path = await newNamespace()
  const watch = await client.watch(`${path}?watch=1`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  await create(path, 'a')
  await watch.until(1)
  await create(path, 'b')
  await watch.until(2)
  assert.equal(watch.events[0].object.columnDefinitions[0].name, 'Name')
  assert.equal(watch.events[1].object.columnDefinitions, null)
  assert.equal(watch.events[1].object.rows[0].cells[0], 'b')
  watch.close()
})

test('a watch ends by its timeout', async () => {
  const path = await newNamespace()
  const watch = await client.watch(`${path}?watch=1&timeoutSeconds=1`)
  await watch.end()
})

test('a watcher that does not read parks, its sibling on the connection goes on, and it misses nothing', async () => {
  const path = await newNamespace()
  const revision = await create(path, 'first')
  const session = connect(`https://127.0.0.1:${server.api.port}`, {
    ...client.tls,
    settings: { initialWindowSize: 64 * 1024 },
  })
  const stalled = session.request({ ':path': `${path}?watch=1&resourceVersion=${revision}` })
  const seen: string[] = []
  const sibling = await client.watch(`${path}?watch=1&resourceVersion=${revision}`)
  await new Promise((resolve) => stalled.on('response', resolve))

  // 6 MB: far more than the stream's window and the budget of a watch together.
  const filler = 'x'.repeat(100_000)
  for (let index = 0; index < 60; index++) await create(path, `object-${index}`, {}, { filler })
  await sibling.until(60)
  assert.equal(sibling.events.length, 60)

  let rest = ''
  const caughtUp = new Promise<void>((resolve) => {
    stalled.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) seen.push(JSON.parse(line).object.metadata.name)
      if (seen.length >= 61) resolve()
    })
  })
  await create(path, 'last')
  await caughtUp
  assert.deepEqual(seen, [...Array.from({ length: 60 }, (_, index) => `object-${index}`), 'last'])
  sibling.close()
  session.destroy()
})
