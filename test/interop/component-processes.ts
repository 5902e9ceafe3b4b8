// kube-controller-manager and kube-scheduler as an installation starts them, with their default content types (protobuf for the
// built-in kinds), against one server.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type StartedProcess, startProcess, upstreamBinary } from './upstream.ts'

export interface ServerForComponents {
  readonly kubeconfig: string
  readonly pki: string
  /** Where their logs go. */
  readonly stateDir: string
}

export type ComponentName = 'kube-controller-manager' | 'kube-scheduler'

export interface StartedComponents extends AsyncDisposable {
  readonly logFiles: readonly string[]
  /** SIGKILL to the one that leads; another one is started in its place. Returns false when none leads at the moment. */
  killLeader(name: ComponentName): boolean
}

/** `copies` of each, of which one leads. */
export function startComponents({ kubeconfig, pki, stateDir }: ServerForComponents, copies = 1): StartedComponents {
  // Until RBAC is enforced both run as the administrator; their own users would be refused.
  const shared = [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--leader-elect=true',
    '--secure-port=0',
  ]
  const own: Readonly<Record<ComponentName, readonly string[]>> = {
    'kube-controller-manager': [`--service-account-private-key-file=${pki}/sa.key`, `--root-ca-file=${pki}/ca.crt`],
    'kube-scheduler': [],
  }
  const stack = new AsyncDisposableStack()
  const started: { readonly name: ComponentName; readonly process: StartedProcess }[] = []
  const start = (name: ComponentName): void => {
    const logFile = join(stateDir, `${name}-${started.length + 1}.log`)
    started.push({ name, process: stack.use(startProcess(upstreamBinary(name), [...shared, ...own[name]], logFile)) })
  }
  for (let copy = 0; copy < copies; copy++) {
    start('kube-controller-manager')
    start('kube-scheduler')
  }
  return {
    get logFiles() {
      return started.map(({ process }) => process.logFile)
    },
    killLeader(name) {
      const leader = started.find((each) => each.name === name && isRunning(each.process) && leads(each.process))
      if (leader === undefined) return false
      leader.process.child.kill('SIGKILL')
      start(name)
      return true
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const isRunning = ({ child }: StartedProcess): boolean => child.exitCode === null && child.signalCode === null

/** One that lost its lease would have ended. */
const leads = ({ logFile }: StartedProcess): boolean =>
  /successfully acquired lease/i.test(readFileSync(logFile, 'utf8'))
