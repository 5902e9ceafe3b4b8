// `keelson certificates`: the certificates and the administrator's kubeconfig of a cluster that something else starts (compose).
import { chownSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeFolder } from '@keelson/cluster/folder'
import { Command } from 'commander'
import { UserError } from '../user-error.ts'

interface CertificatesOptions {
  readonly stateDir: string
  readonly server: string
  readonly serverName: readonly string[]
  readonly controllerManagerServer?: string
  readonly owner?: string
}

export function certificatesCommand(): Command {
  return new Command('certificates')
    .description('make the certificates and the kubeconfig of a cluster that is started otherwise')
    .option('--state-dir <folder>', 'where they go', '.keelson')
    .option('--server <url>', 'what the kubeconfig points at', 'https://127.0.0.1:6443')
    .option(
      '--server-name <name>',
      'a name that servers are reached by; may be repeated',
      (name, names: string[]) => [...names, name],
      [],
    )
    .option(
      '--controller-manager-server <url>',
      'what the kubeconfig of controller managers points at; none is written without it',
    )
    .option('--owner <uid:gid>', 'who the files are to belong to (as root)')
    .action(certificates)
}

async function certificates({
  stateDir,
  server,
  serverName,
  controllerManagerServer,
  owner,
}: CertificatesOptions): Promise<void> {
  const { ensureCertificates, writeKubeconfig } = await import('@keelson/cluster')
  const directory = resolve(stateDir)
  makeFolder(directory, 0o700)
  const made = await ensureCertificates(join(directory, 'pki'), { extraNames: serverName })
  const kubeconfig = writeKubeconfig(directory, 'admin', { server, user: 'admin', certificate: 'admin' })
  if (controllerManagerServer !== undefined) {
    const user = 'controller-manager'
    writeKubeconfig(directory, user, { server: controllerManagerServer, user, certificate: user })
  }
  if (owner !== undefined) giveTo(owner, directory)
  console.log(
    `${made.length === 0 ? 'Reused all certificates' : `Made ${made.join(', ')}`}. export KUBECONFIG=${kubeconfig}`,
  )
}

function giveTo(owner: string, directory: string): void {
  const [, user, group] = /^(\d+):(\d+)$/.exec(owner) ?? []
  if (user === undefined) throw new UserError(`--owner must be two numbers, such as 1000:1000, not ${owner}.`)
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) => join(directory, path))
  for (const path of [directory, ...paths]) chownSync(path, Number(user), Number(group))
}
