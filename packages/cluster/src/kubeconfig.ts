// Kubeconfig files with everything in them, so that they can be copied away.
import { readFileSync, writeFileSync } from 'node:fs'
import type { ClusterPlan } from './plan.ts'
import { stateFiles } from './plan.ts'

interface KubeconfigOptions {
  readonly server: string
  readonly user: string
  /** Certificate and key below pki/, without their endings. */
  readonly certificate: string
}

/** admin, controller-manager and scheduler go through HAProxy; replica-N goes to that replica. Returns the administrator's. */
export function writeKubeconfigs(plan: ClusterPlan): string {
  const server = `https://127.0.0.1:${plan.port}`
  for (const user of ['admin', 'controller-manager', 'scheduler']) {
    writeKubeconfig(plan.stateDir, user, { server, user, certificate: user })
  }
  for (const { name, port } of plan.replicas) {
    writeKubeconfig(plan.stateDir, name, { server: `https://127.0.0.1:${port}`, user: 'admin', certificate: 'admin' })
  }
  return stateFiles.kubeconfig(plan.stateDir, 'admin')
}

export function writeKubeconfig(
  stateDir: string,
  name: string,
  { server, user, certificate }: KubeconfigOptions,
): string {
  const encoded = (file: string): string => readFileSync(stateFiles.pki(stateDir, file)).toString('base64')
  const text = `apiVersion: v1
kind: Config
clusters:
- name: keelson
  cluster:
    server: ${server}
    certificate-authority-data: ${encoded('ca.crt')}
users:
- name: ${user}
  user:
    client-certificate-data: ${encoded(`${certificate}.crt`)}
    client-key-data: ${encoded(`${certificate}.key`)}
contexts:
- name: keelson
  context:
    cluster: keelson
    user: ${user}
current-context: keelson
`
  const file = stateFiles.kubeconfig(stateDir, name)
  writeFileSync(file, text, { mode: 0o600 })
  return file
}
