// kube-apiserver's flags as `keelson apiserver` understands them. Those not listed here are accepted and ignored: what
// upstream's own start scripts pass must not be an error.
import { accessSync, constants, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { staticTokenAuthenticator } from '@keelson/auth'
import type { Flags, FlagTable } from '@keelson/component'
import { apiserverFlagTable, FlagError } from '@keelson/component'
import type { ApiServerOptions } from '@keelson/server'
import { parseAddressRange } from '@keelson/server'
import { featureGates, served } from './switches.ts'

/** Obeyed, with what upstream means by them. */
export const OBEYED_FLAGS = [
  'advertise-address',
  'bind-address',
  'cert-dir',
  'client-ca-file',
  'endpoint-reconciler-type',
  'etcd-cafile',
  'etcd-certfile',
  'etcd-compaction-interval',
  'etcd-keyfile',
  'etcd-prefix',
  'etcd-servers',
  'max-mutating-requests-inflight',
  'max-requests-inflight',
  'min-request-timeout',
  'request-timeout',
  'secure-port',
  'service-cluster-ip-range',
  'service-node-port-range',
  'shutdown-delay-duration',
  'tls-cert-file',
  'tls-private-key-file',
  'token-auth-file',
  'v',
  'watch-cache-sizes',
] as const

export const FLAG_TABLE: FlagTable = apiserverFlagTable(OBEYED_FLAGS, {
  // Upstream advertises its own port; several replicas behind one balancer advertise the balancer's.
  'advertise-port': { type: 'int', handled: true },
  // Not pairs to the parser: upstream takes a key without a value, and has words of its own for what is wrong.
  'feature-gates': { type: 'strings', handled: true },
  'runtime-config': { type: 'strings', handled: true },
  help: { type: 'bool', handled: true },
  version: { type: 'bool', handled: true },
})

/** What the flags say, all but the store, the certificates and the logger, which have to be opened or made. */
export function serverOptions(flags: Flags): Omit<ApiServerOptions, 'storage' | 'tls' | 'logger'> {
  const optional = <Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } =>
    (value === undefined || value === '' ? {} : { [name]: value }) as { [Key in Name]?: Value } // A computed name widens to string.
  return {
    storagePrefix: flags.string('etcd-prefix'),
    bindAddress: flags.string('bind-address'),
    port: port(flags, 'secure-port') ?? 6443,
    serviceClusterIpRange: flags.string('service-cluster-ip-range') || '10.0.0.0/24',
    serviceNodePortRange: flags.string('service-node-port-range'),
    endpointReconcilerType: reconcilerType(flags),
    shutdownDelayMs: flags.durationMs('shutdown-delay-duration') ?? 0,
    watchCacheSizes: watchCacheSizes(flags.list('watch-cache-sizes')),
    served: served(flags.list('runtime-config')),
    featureGates: featureGates(flags.list('feature-gates')),
    ...optional('tokenAuthFile', flags.string('token-auth-file')),
    ...optional('advertiseAddress', flags.string('advertise-address')),
    ...optional('advertisePort', port(flags, 'advertise-port')),
    ...optional('maxRequestsInflight', flags.number('max-requests-inflight')),
    ...optional('maxMutatingRequestsInflight', flags.number('max-mutating-requests-inflight')),
    ...optional('requestTimeoutMs', flags.durationMs('request-timeout')),
    ...optional('minRequestTimeoutMs', secondsInMs(flags.number('min-request-timeout'))),
  }
}

/** Read at different moments of a start; here their absence is told before anything is waited for. */
const FILE_FLAGS = [
  'client-ca-file',
  'etcd-cafile',
  'etcd-certfile',
  'etcd-keyfile',
  'tls-cert-file',
  'tls-private-key-file',
  'token-auth-file',
] as const

/** Throws FlagError for a combination that cannot work, or a file that cannot be read. */
export function checkFlags(flags: Flags): void {
  const [unexpected] = flags.positional
  if (unexpected !== undefined)
    throw new FlagError(`unknown argument ${JSON.stringify(unexpected)}: every setting is a flag`)
  if (flags.list('etcd-servers').length === 0) throw new FlagError('--etcd-servers must be specified')
  for (const server of flags.list('etcd-servers')) requireUrl('etcd-servers', server)
  if (isIP(flags.string('bind-address')) === 0) throw new FlagError('--bind-address must be an IP address')
  requirePair(flags, 'tls-cert-file', 'tls-private-key-file')
  requirePair(flags, 'etcd-certfile', 'etcd-keyfile')
  for (const name of FILE_FLAGS) requireReadable(name, flags.string(name))
  for (const name of ['client-ca-file', 'etcd-cafile']) requireCertificate(name, flags.string(name))
  requireServingPair(flags.string('tls-cert-file'), flags.string('tls-private-key-file'))
  requireTokens(flags.string('token-auth-file'))
  for (const range of flags
    .string('service-cluster-ip-range')
    .split(',')
    .filter((text) => text !== ''))
    requireAddressRange('service-cluster-ip-range', range)
}

function requireReadable(name: string, file: string): void {
  if (file !== '') naming(`--${name}`, () => accessSync(file, constants.R_OK))
}

/** TLS takes a file without certificates for one that trusts nobody, and every client would be refused. */
function requireCertificate(name: string, file: string): void {
  if (file !== '' && !readFileSync(file, 'utf8').includes('-----BEGIN CERTIFICATE-----'))
    throw new FlagError(`--${name}: there is no certificate in ${file}`)
}

function requireServingPair(certFile: string, keyFile: string): void {
  if (certFile === '') return
  naming('--tls-cert-file and --tls-private-key-file', () =>
    createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile) }),
  )
}

function requireTokens(file: string): void {
  if (file !== '') naming('--token-auth-file', () => staticTokenAuthenticator(file))
}

function requireAddressRange(name: string, text: string): void {
  naming(`--${name}`, () => parseAddressRange(text.trim()))
}

/** What goes wrong in there is a matter of these flags. */
function naming(flags: string, check: () => unknown): void {
  try {
    check()
  } catch (error) {
    throw new FlagError(`${flags}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function requireUrl(name: string, value: string): void {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new FlagError(`--${name} ${JSON.stringify(value)} must be a URL such as https://127.0.0.1:2379`)
}

function requirePair(flags: Flags, one: string, other: string): void {
  if ((flags.string(one) === '') !== (flags.string(other) === ''))
    throw new FlagError(`--${one} and --${other} must be given together`)
}

function port(flags: Flags, name: string): number | undefined {
  const value = flags.number(name)
  if (value !== undefined && (value < 0 || value > 65_535))
    throw new FlagError(`--${name} ${value} must be between 0 and 65535, inclusive`)
  return value
}

function reconcilerType(flags: Flags): 'lease' | 'none' {
  const type = flags.string('endpoint-reconciler-type')
  if (type === 'lease' || type === 'none') return type
  throw new FlagError(`--endpoint-reconciler-type ${JSON.stringify(type)} must be lease or none`)
}

/** `pods#1000`, `deployments.apps#500`. */
function watchCacheSizes(list: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    list.map((each) => {
      const [, resource, size] = /^([a-z0-9.-]+)#(\d+)$/.exec(each) ?? []
      if (resource === undefined)
        throw new FlagError(`--watch-cache-sizes ${JSON.stringify(each)} must be resource[.group]#size`)
      return [resource, Number(size)]
    }),
  )
}

function secondsInMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}

/** What --help prints. */
export function flagHelp(): string {
  const lines = Object.entries(FLAG_TABLE)
    .filter(([, { handled }]) => handled)
    .map(([name, { type, default: fallback }]) =>
      `      --${`${name} ${type}`.padEnd(44)}${fallback === undefined ? '' : `(default ${fallback})`}`.trimEnd(),
    )
  return `Usage: keelson apiserver [flags]

Obeyed:
${lines.sort().join('\n')}

Every other flag of kube-apiserver 1.36 is accepted and ignored (docs/apiserver-flags.md).`
}
