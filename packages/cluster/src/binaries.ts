// Finds etcd and haproxy: on PATH, in the cache, from Debian's packages, or out of Docker images. No root is needed, and
// nothing is installed: a package's own installation would start services on our ports.
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provideFromDebian } from './debian-packages.ts'
import { provideFromDocker } from './docker-images.ts'

export interface Binaries {
  readonly etcd: string
  readonly haproxy: string
  /** Where they come from, for people. */
  readonly description: string
}

export type BinaryName = 'etcd' | 'haproxy'

/** Its message is a sentence that says what to install. */
export class MissingBinaries extends Error {
  override readonly name = 'MissingBinaries'
}

/** Each provider puts `<cache>/bin/<name>` in place or throws. */
const PROVIDERS = [
  { source: "Debian's packages", provide: provideFromDebian },
  { source: 'Docker images', provide: provideFromDocker },
]

export async function findBinaries(
  onProgress: (text: string) => void = () => {},
  cache = binaryCache(),
): Promise<Binaries> {
  const missing = (['etcd', 'haproxy'] satisfies BinaryName[]).filter((name) => locate(name, cache) === undefined)
  const reasons: string[] = []
  for (const { source, provide } of missing.length === 0 ? [] : PROVIDERS) {
    onProgress(`${missing.join(' and ')} from ${source}`)
    try {
      mkdirSync(join(cache, 'bin'), { recursive: true })
      await provide(missing, cache)
      break
    } catch (error) {
      reasons.push(`${source}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const etcd = locate('etcd', cache)
  const haproxy = locate('haproxy', cache)
  if (etcd === undefined || haproxy === undefined) {
    throw new MissingBinaries(
      `Install etcd (3.4 or later) and haproxy (2.6 or later) so that they are on PATH. (${reasons.join('; ')})`,
    )
  }
  return { etcd, haproxy, description: `${etcd}, ${haproxy}` }
}

/** PATH, and where Debian puts servers, which an ordinary user's PATH lacks; then the cache. */
function locate(name: BinaryName, cache: string): string | undefined {
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter((each) => each !== ''),
    '/usr/sbin',
    '/usr/local/sbin',
  ]
  return [...directories, join(cache, 'bin')].map((directory) => join(directory, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // Not there, or not for this user.
  }
}

/** Shared by all state folders: node_modules/.cache/keelson of the project, else the user's cache. */
export function binaryCache(): string {
  for (
    let directory = dirname(fileURLToPath(import.meta.url));
    directory !== dirname(directory);
    directory = dirname(directory)
  ) {
    const modules = join(directory, 'node_modules')
    if (existsSync(join(modules, 'node')) && isWritable(modules)) return join(modules, '.cache', 'keelson')
  }
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'keelson')
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false // The other place is tried.
  }
}
