// etcd and haproxy out of Debian's (and Ubuntu's) packages, as an ordinary user: downloaded, unpacked, not installed. What a
// package depends on and the machine lacks is unpacked beside it, and found through LD_LIBRARY_PATH by a one-line wrapper.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BinaryName } from './binaries.ts'
import { run } from './run.ts'

const PACKAGES: Record<BinaryName, { readonly name: string; readonly file: string }> = {
  etcd: { name: 'etcd-server', file: 'usr/bin/etcd' },
  haproxy: { name: 'haproxy', file: 'usr/sbin/haproxy' },
}

/** Throws when this machine has no apt, or the packages cannot be had. */
export async function provideFromDebian(names: readonly BinaryName[], cache: string): Promise<void> {
  const work = mkdtempSync(join(cache, 'debian-'))
  try {
    const apt = await workingApt(PACKAGES.haproxy.name, work)
    // Side by side: apt reads all its lists, for a second or more, each time it is called.
    await Promise.all(
      names.map(async (name) => {
        const root = join(work, name)
        await unpackWithDependencies(PACKAGES[name].name, root, apt)
        install(name, root, cache)
      }),
    )
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Options of apt-get under which packages are found: the machine's own lists, or private ones when it has none. */
async function workingApt(name: string, work: string): Promise<readonly string[]> {
  const probe = join(work, 'probe')
  mkdirSync(probe)
  // The files belong to this user, so apt's own sandbox user could not write them.
  const machine = ['-qq', '-o', `APT::Sandbox::User=${process.env['USER'] ?? 'root'}`]
  try {
    await run('apt-get', [...machine, 'download', '--print-uris', name], { cwd: probe })
    return machine
  } catch (error) {
    if (error instanceof Error && error.message.includes('ENOENT')) throw error // There is no apt-get at all.
  }
  for (const directory of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(work, directory), { recursive: true })
  }
  const settings = [
    `Dir::State=${join(work, 'state')}`,
    `Dir::State::lists=${join(work, 'state/lists')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(work, 'cache')}`,
    // Hooks of the machine's configuration expect root.
    'APT::Update::Post-Invoke::=true',
    'APT::Update::Post-Invoke-Success::=true',
  ]
  const own = [...machine, ...settings.flatMap((setting) => ['-o', setting])]
  await run('apt-get', [...own, 'update'], { cwd: work })
  return own
}

async function unpackWithDependencies(name: string, root: string, apt: readonly string[]): Promise<void> {
  const seen = new Set<string>()
  const wanted = [name]
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    const directory = join(root, 'packages', next)
    mkdirSync(directory, { recursive: true })
    await run('apt-get', [...apt, 'download', next], { cwd: directory })
    const archive = readdirSync(directory).find((file) => file.endsWith('.deb'))
    if (archive === undefined) throw new Error(`apt-get downloaded no file for ${next}`)
    const file = join(directory, archive)
    await run('dpkg-deb', ['-x', file, root])
    wanted.push(...(await missingLibraries(await run('dpkg-deb', ['-f', file, 'Depends']))))
  }
  rmSync(join(root, 'packages'), { recursive: true })
}

/** Of a Depends line such as `libc6 (>= 2.34), liblua5.3-0, adduser`: the libraries that are not installed. */
async function missingLibraries(depends: string): Promise<string[]> {
  // Of alternatives (`a | b`) the first is Debian's own choice. What is no library matters to installation only.
  const libraries = depends
    .split(',')
    .map(
      (each) =>
        each
          .split('|')[0]
          ?.trim()
          .split(/[\s:(]/)[0] ?? '',
    )
    .filter((each) => each.startsWith('lib'))
  const installed = await Promise.all(libraries.map(isInstalled))
  return libraries.filter((_, index) => !installed[index])
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    return (await run('dpkg-query', ['-W', '-f', '${db:Status-Status}\n', name])).includes('installed')
  } catch {
    return false // dpkg-query fails for a package that it does not know.
  }
}

/** Moves the unpacked tree into the cache and puts `bin/<name>` in place as the last step, so that it is there whole or not at all. */
function install(name: BinaryName, unpacked: string, cache: string): void {
  const root = join(cache, `debian-${name}`)
  rmSync(root, { recursive: true, force: true })
  renameSync(unpacked, root)
  const libraries = new Set(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.so(\.\d+)*$/.test(file))
      .map((file) => `"$root/${dirname(file)}"`),
  )
  const wrapper = `#!/bin/sh
root="$(dirname "$0")/../debian-${name}"
${libraries.size === 0 ? '' : `export LD_LIBRARY_PATH=${[...libraries].join(':')}\n`}exec "$root/${PACKAGES[name].file}" "$@"
`
  const file = join(cache, 'bin', name)
  writeFileSync(`${file}.new`, wrapper)
  chmodSync(`${file}.new`, 0o755)
  renameSync(`${file}.new`, file)
}
