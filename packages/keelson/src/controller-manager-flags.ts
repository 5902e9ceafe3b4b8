// The flags of `keelson controller-manager`: those of kube-controller-manager that mean something here, under its names and with
// its defaults (but for the Lease: a kube-controller-manager of the same cluster must not be kept waiting by this one).
import { accessSync, constants } from 'node:fs'
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import { randomUUID } from 'node:crypto'
import type { Flags, FlagTable } from '@keelson/component'
import { FlagError, parseFlags } from '@keelson/component'
import { controllerNames, selectControllers } from '@keelson/controllers'

const FLAG_TABLE: FlagTable = {
  kubeconfig: { type: 'string', handled: true },
  controllers: { type: 'strings', default: '*', handled: true },
  'enable-garbage-collector': { type: 'bool', default: 'true', handled: true },
  'concurrent-gc-syncs': { type: 'int', default: '20', handled: true },
  'concurrent-namespace-syncs': { type: 'int', default: '10', handled: true },
  'leader-elect': { type: 'bool', default: 'true', handled: true },
  'leader-elect-lease-duration': { type: 'duration', default: '15s', handled: true },
  'leader-elect-renew-deadline': { type: 'duration', default: '10s', handled: true },
  'leader-elect-retry-period': { type: 'duration', default: '2s', handled: true },
  'leader-elect-resource-name': { type: 'string', default: 'keelson-controller-manager', handled: true },
  'leader-elect-resource-namespace': { type: 'string', default: 'kube-system', handled: true },
  'kube-api-qps': { type: 'float', default: '20', handled: true },
  'kube-api-burst': { type: 'int', default: '30', handled: true },
  'bind-address': { type: 'ip', default: '127.0.0.1', handled: true },
  'secure-port': { type: 'int', default: '10257', handled: true },
  'tls-cert-file': { type: 'string', handled: true },
  'tls-private-key-file': { type: 'string', handled: true },
  'client-ca-file': { type: 'string', handled: true },
  v: { type: 'int', default: '0', handled: true },
  help: { type: 'bool', handled: true },
  version: { type: 'bool', handled: true },
}

export interface LeaderElectionSettings {
  readonly namespace: string
  readonly name: string
  readonly identity: string
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
}

export interface ServingSettings {
  readonly address: string
  readonly port: number
  /** Undefined: a certificate is made for this run. */
  readonly pair: { readonly certFile: string; readonly keyFile: string } | undefined
  /** Undefined: the authority of the kubeconfig. */
  readonly clientCaFile: string | undefined
}

export interface ControllerManagerSettings {
  readonly kubeconfig: string
  readonly controllers: readonly string[]
  readonly workers: Readonly<Record<string, number>>
  readonly queriesPerSecond: number
  readonly burst: number
  /** Undefined: it is the only one. */
  readonly election: LeaderElectionSettings | undefined
  /** Undefined: no port is opened. */
  readonly serving: ServingSettings | undefined
  readonly isVerbose: boolean
}

/** `help` and `version` are to be answered. Throws FlagError. */
export function controllerManagerSettings(args: readonly string[]): ControllerManagerSettings | 'help' | 'version' {
  const flags = parseFlags(args, FLAG_TABLE)
  if (flags.boolean('help')) return 'help'
  if (flags.boolean('version')) return 'version'
  const [unexpected] = flags.positional
  if (unexpected !== undefined)
    throw new FlagError(`unknown argument ${JSON.stringify(unexpected)}: every setting is a flag`)
  for (const name of ['kubeconfig', 'tls-cert-file', 'tls-private-key-file', 'client-ca-file'])
    requireReadable(flags, name)
  if (flags.string('kubeconfig') === '') throw new FlagError('--kubeconfig must be specified')
  return {
    kubeconfig: flags.string('kubeconfig'),
    controllers: controllersOf(flags),
    workers: {
      'garbage-collector-controller': atLeast(flags, 'concurrent-gc-syncs', 1),
      'namespace-controller': atLeast(flags, 'concurrent-namespace-syncs', 1),
    },
    queriesPerSecond: atLeast(flags, 'kube-api-qps', 0.001),
    burst: atLeast(flags, 'kube-api-burst', 1),
    election: flags.boolean('leader-elect') ? electionOf(flags) : undefined,
    serving: servingOf(flags),
    isVerbose: (flags.number('v') ?? 0) >= 4,
  }
}

function controllersOf(flags: Flags): string[] {
  let names: string[]
  try {
    names = selectControllers(flags.list('controllers'))
  } catch (error) {
    throw new FlagError(`--controllers: ${error instanceof Error ? error.message : String(error)}`)
  }
  return flags.boolean('enable-garbage-collector')
    ? names
    : names.filter((name) => name !== 'garbage-collector-controller')
}

function electionOf(flags: Flags): LeaderElectionSettings {
  const ms = (name: string): number => {
    const value = flags.durationMs(`leader-elect-${name}`) ?? 0
    if (value <= 0) throw new FlagError(`--leader-elect-${name} must be greater than zero`)
    return value
  }
  const [leaseDurationMs, renewDeadlineMs, retryPeriodMs] = [
    ms('lease-duration'),
    ms('renew-deadline'),
    ms('retry-period'),
  ]
  if (leaseDurationMs <= renewDeadlineMs) {
    throw new FlagError('--leader-elect-lease-duration must be greater than --leader-elect-renew-deadline')
  }
  if (renewDeadlineMs <= retryPeriodMs * 1.2) {
    throw new FlagError('--leader-elect-renew-deadline must be greater than --leader-elect-retry-period times 1.2')
  }
  return {
    namespace: flags.string('leader-elect-resource-namespace'),
    name: flags.string('leader-elect-resource-name'),
    identity: `${hostname()}_${randomUUID()}`,
    leaseDurationMs,
    renewDeadlineMs,
    retryPeriodMs,
  }
}

function servingOf(flags: Flags): ServingSettings | undefined {
  const port = flags.number('secure-port') ?? 0
  if (port < 0 || port > 65_535) throw new FlagError(`--secure-port ${port} must be between 0 and 65535, inclusive`)
  const [certFile, keyFile] = [flags.string('tls-cert-file'), flags.string('tls-private-key-file')]
  if ((certFile === '') !== (keyFile === '')) {
    throw new FlagError('--tls-cert-file and --tls-private-key-file must be given together')
  }
  const address = flags.string('bind-address')
  if (isIP(address) === 0) throw new FlagError('--bind-address must be an IP address')
  if (port === 0) return undefined
  const pair = certFile === '' ? undefined : { certFile, keyFile }
  return { address, port, pair, clientCaFile: flags.string('client-ca-file') || undefined }
}

function requireReadable(flags: Flags, name: string): void {
  const file = flags.string(name)
  if (file === '') return
  try {
    accessSync(file, constants.R_OK)
  } catch (error) {
    throw new FlagError(`--${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function atLeast(flags: Flags, name: string, least: number): number {
  const value = flags.number(name) ?? 0
  if (value < least) throw new FlagError(`--${name} must be at least ${least}`)
  return value
}

export function controllerManagerHelp(): string {
  const lines = Object.entries(FLAG_TABLE).map(([name, { type, default: fallback }]) =>
    `      --${`${name} ${type}`.padEnd(44)}${fallback === undefined ? '' : `(default ${fallback})`}`.trimEnd(),
  )
  return `Usage: keelson controller-manager --kubeconfig=FILE [flags]

${lines.sort().join('\n')}

Controllers: ${controllerNames().join(', ')}. --controllers takes *, a name, or -name for all but that one.`
}
