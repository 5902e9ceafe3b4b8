import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensureCertificates } from './certificates.ts'

function temporaryDirectory(t: { after(undo: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-pki-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}
const certificate = (directory: string, file: string): X509Certificate =>
  new X509Certificate(readFileSync(join(directory, `${file}.crt`)))

test('certificates are made once, with private keys for their owner only', async (t) => {
  const directory = temporaryDirectory(t)
  const made = await ensureCertificates(directory)
  assert.ok(made.includes('etcd/peer') && made.includes('sa'))
  for (const file of made) assert.equal(statSync(join(directory, `${file}.key`)).mode & 0o777, 0o600, file)
  assert.deepEqual(await ensureCertificates(directory), [])
})

test('each certificate says who its owner is and what it serves', async (t) => {
  const directory = temporaryDirectory(t)
  await ensureCertificates(directory, { extraNames: ['api.example.com'] })
  assert.equal(certificate(directory, 'admin').subject, 'O=system:masters\nCN=admin')
  const server = certificate(directory, 'apiserver')
  assert.ok(server.verify(certificate(directory, 'ca').publicKey))
  for (const name of ['localhost', 'kubernetes.default.svc', 'api.example.com'])
    assert.equal(server.checkHost(name), name)
  for (const address of ['127.0.0.1', '10.96.0.1']) assert.equal(server.checkIP(address), address)
})

test('only what is no longer good is made again', async (t) => {
  const directory = temporaryDirectory(t)
  await ensureCertificates(directory)
  writeFileSync(join(directory, 'admin.key'), readFileSync(join(directory, 'scheduler.key')))
  rmSync(join(directory, 'etcd/ca.key'))
  assert.deepEqual(await ensureCertificates(directory), [
    'admin',
    'etcd/ca',
    'etcd/server',
    'etcd/peer',
    'apiserver-etcd-client',
  ])
  assert.deepEqual(await ensureCertificates(directory, { extraNames: ['api.example.com'] }), [
    'apiserver',
    'controller-manager-serving',
    'etcd/server',
    'etcd/peer',
  ])
})
