// One replica as a process: flags, certificates, the store, the server, and an orderly end on SIGTERM.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '@keelson/cluster/folder'
import type { Flags, Logger } from '@keelson/component'
import { createLogger, parseFlags, Shutdown } from '@keelson/component'
import type { TlsFiles } from '@keelson/server'
import { createApiServer } from '@keelson/server'
import type { Storage } from '@keelson/storage'
import { createEtcdStorage } from '@keelson/storage'
import { checkFlags, FLAG_TABLE, flagHelp, serverOptions } from './apiserver-flags.ts'
import { VERSION } from './version.ts'

/** Longer than the paced end of watches and the slowest request in flight. */
const SHUTDOWN_TIMEOUT_MS = 90_000

/** Resolves when the server is ready; the process lives on until a signal ends it. Throws FlagError. */
export async function runApiserver(args: readonly string[]): Promise<void> {
  const flags = parseFlags(args, FLAG_TABLE)
  if (flags.boolean('help')) return console.log(flagHelp())
  if (flags.boolean('version')) return console.log(`Keelson ${VERSION}`)
  checkFlags(flags)

  const logger = createLogger({ component: 'apiserver', level: (flags.number('v') ?? 0) >= 4 ? 'debug' : 'info' })
  if (flags.ignored.length > 0) logger.info({ flags: flags.ignored }, 'flags accepted and ignored')
  const options = serverOptions(flags)
  const changedGates = options.featureGates?.changed ?? []
  if (changedGates.length > 0)
    logger.warn({ gates: changedGates }, 'feature gates are checked and reported, and change nothing')
  const storage = await openStorage(flags, logger)
  const server = await createApiServer({ ...options, storage, tls: await tlsFiles(flags), logger })
  logger.info({ port: server.port }, 'listening')

  const shutdown = new Shutdown(logger)
  shutdown.add({ name: 'api server', timeoutMs: SHUTDOWN_TIMEOUT_MS, run: () => server.shutdown() })
  shutdown.add({ name: 'storage', run: () => storage[Symbol.asyncDispose]() })
  shutdown.listen()
  try {
    await server.ready
  } catch (error) {
    // Stopped before it was ever ready: the shutdown ends the process.
    if (!shutdown.signal.aborted) throw error
  }
}

function openStorage(flags: Flags, logger: Logger): Promise<Storage> {
  return createEtcdStorage({
    endpoints: flags.list('etcd-servers'),
    keyPrefix: flags.string('etcd-prefix'),
    compactionIntervalMs: flags.durationMs('etcd-compaction-interval') ?? 300_000,
    tls: {
      caFile: flags.string('etcd-cafile') || undefined,
      certFile: flags.string('etcd-certfile') || undefined,
      keyFile: flags.string('etcd-keyfile') || undefined,
    },
    logger,
  })
}

/** As upstream: without --tls-cert-file, the pair `apiserver` in --cert-dir, made when it is not there. */
async function tlsFiles(flags: Flags): Promise<TlsFiles> {
  const clientCaFile = flags.string('client-ca-file') || undefined
  const certFile = flags.string('tls-cert-file')
  if (certFile !== '') return { certFile, keyFile: flags.string('tls-private-key-file'), clientCaFile }
  const directory = flags.string('cert-dir')
  const made = { certFile: join(directory, 'apiserver.crt'), keyFile: join(directory, 'apiserver.key'), clientCaFile }
  if (!existsSync(made.certFile) || !existsSync(made.keyFile)) {
    const { issueCertificate } = await import('@keelson/cluster/certificates')
    const names = [
      'localhost',
      '127.0.0.1',
      'kubernetes.default.svc',
      'kubernetes.default',
      'kubernetes',
      flags.string('advertise-address'),
    ]
    const pair = await issueCertificate({
      commonName: 'kube-apiserver',
      uses: ['server'],
      names: names.filter((name) => name !== ''),
    })
    makeFolder(directory)
    writeFileSync(made.keyFile, pair.key, { mode: 0o600 })
    writeFileSync(made.certFile, pair.certificate)
  }
  return made
}
