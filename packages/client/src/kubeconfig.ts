// Reads a kubeconfig: the server, and the credentials of its current context. Files it names are relative to it, as in client-go.
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'

export interface ConnectionConfig {
  /** `https://127.0.0.1:6443` */
  readonly server: string
  readonly ca: Buffer | undefined
  readonly cert: Buffer | undefined
  readonly key: Buffer | undefined
  readonly token: string | undefined
}

interface KubeconfigFile {
  readonly 'current-context'?: string
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string } }[]
  readonly clusters?: readonly { name: string; cluster: Record<string, string> }[]
  readonly users?: readonly { name: string; user: Record<string, string> }[]
}

/** Throws an Error naming the file and what it lacks. */
export async function loadKubeconfig(file: string): Promise<ConnectionConfig> {
  // The cast: a kubeconfig is a known document; every member is looked at before it is used.
  const config = parse(await readFile(file, 'utf8')) as KubeconfigFile
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context
  if (context === undefined) throw new Error(`${file}: no context named ${config['current-context'] ?? '(none)'}`)
  const cluster = config.clusters?.find(({ name }) => name === context.cluster)?.cluster
  if (cluster?.server === undefined) throw new Error(`${file}: no cluster named ${context.cluster} with a server`)
  const user = config.users?.find(({ name }) => name === context.user)?.user ?? {}
  const read = async (data: string | undefined, path: string | undefined): Promise<Buffer | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64')
    return path === undefined ? undefined : readFile(resolve(dirname(file), path))
  }
  return {
    server: cluster.server,
    ca: await read(cluster['certificate-authority-data'], cluster['certificate-authority']),
    cert: await read(user['client-certificate-data'], user['client-certificate']),
    key: await read(user['client-key-data'], user['client-key']),
    token: user.token,
  }
}
