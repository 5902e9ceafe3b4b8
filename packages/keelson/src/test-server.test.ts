import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import https from 'node:https'
import { test } from 'node:test'
import type { TestServer } from './test-server.ts'
import { startTestServer } from './test-server.ts'

function getJson(server: TestServer, path: string): Promise<{ kind: string; items: { metadata: { name: string } }[] }> {
  const { ca, clientCertificate: cert, clientKey: key } = server
  return new Promise((resolve, reject) => {
    const request = https.get(`${server.url}${path}`, { ca, cert, key, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve(JSON.parse(body)))
    })
    request.on('error', reject)
  })
}

test('a test server serves the API to its administrator and leaves nothing behind', async () => {
  let kubeconfigFile
  {
    await using server = await startTestServer()
    kubeconfigFile = server.kubeconfigFile
    const { kind, items } = await getJson(server, '/api/v1/namespaces')
    assert.equal(kind, 'NamespaceList')
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
    )
    assert.ok(existsSync(kubeconfigFile))
  }
  assert.equal(existsSync(kubeconfigFile), false)
})

test('two test servers know nothing of each other', async () => {
  await using one = await startTestServer()
  await using other = await startTestServer()
  assert.notEqual(one.url, other.url)
  assert.notEqual(one.ca, other.ca)
})
