// kube-controller-manager and kube-scheduler as an installation starts them, with their default content types (protobuf for the
// built-in kinds), against one server.
import { join } from 'node:path'
import { startProcess, upstreamBinary } from './upstream.ts'

export interface ServerForComponents {
  readonly kubeconfig: string
  readonly pki: string
  /** Where their logs go. */
  readonly stateDir: string
}

export interface StartedComponents extends AsyncDisposable {
  readonly logFiles: readonly string[]
}

export function startComponents({ kubeconfig, pki, stateDir }: ServerForComponents): StartedComponents {
  // Until RBAC is enforced both run as the administrator; their own users would be refused.
  const shared = [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--leader-elect=true',
    '--secure-port=0',
  ]
  const stack = new AsyncDisposableStack()
  const start = (name: string, args: readonly string[]): string => {
    const logFile = join(stateDir, `${name}.log`)
    stack.use(startProcess(upstreamBinary(name), args, logFile))
    return logFile
  }
  const logFiles = [
    start('kube-controller-manager', [
      ...shared,
      `--service-account-private-key-file=${pki}/sa.key`,
      `--root-ca-file=${pki}/ca.crt`,
    ]),
    start('kube-scheduler', shared),
  ]
  return { logFiles, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
