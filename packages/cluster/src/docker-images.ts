// etcd and haproxy out of their Docker images: the files are copied out, and run as processes of this machine like all others,
// so that pids, signals and logs mean the same. Nothing runs in a container.
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BinaryName } from './binaries.ts'
import { run } from './run.ts'

const IMAGES: Record<BinaryName, { readonly image: string; readonly paths: readonly string[]; readonly file: string }> =
  {
    etcd: { image: 'quay.io/coreos/etcd:v3.6.9', paths: ['/usr/local/bin/etcd'], file: 'usr/local/bin/etcd' },
    // Linked against the libraries of its image: they come along, with their loader.
    haproxy: {
      image: 'docker.io/library/haproxy:3.2',
      paths: ['/usr/local/sbin/haproxy', '/usr/lib', '/usr/lib64'],
      file: 'usr/local/sbin/haproxy',
    },
  }

/** Throws when there is no Docker, or not on Linux (the files in the images are Linux programs). */
export async function provideFromDocker(names: readonly BinaryName[], cache: string): Promise<void> {
  if (process.platform !== 'linux') throw new Error('the images hold Linux programs')
  await run('docker', ['version', '--format', '{{.Server.Version}}'])
  for (const name of names) await copyOut(name, cache)
}

async function copyOut(name: BinaryName, cache: string): Promise<void> {
  const { image, paths, file } = IMAGES[name]
  const root = join(cache, `docker-${name}`)
  rmSync(root, { recursive: true, force: true })
  const container = (await run('docker', ['create', image])).trim()
  try {
    for (const path of paths) {
      const target = join(root, path)
      mkdirSync(join(target, '..'), { recursive: true })
      await run('docker', ['cp', '--follow-link', `${container}:${path}`, target]).catch((error: unknown) => {
        if (!path.startsWith('/usr/lib')) throw error // Some architectures have no lib64.
      })
    }
  } finally {
    await run('docker', ['rm', container])
  }
  installWrapper(name, root, file, cache)
}

function installWrapper(name: BinaryName, root: string, file: string, cache: string): void {
  const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string] ?? '' // arch is one of a fixed list.
  const loader = [
    `usr/lib64/ld-linux-x86-64.so.2`,
    `usr/lib/${triplet}/ld-linux-x86-64.so.2`,
    `usr/lib/ld-linux-aarch64.so.1`,
  ].find((each) => existsSync(join(root, each)))
  const start =
    loader === undefined
      ? `"$root/${file}"`
      : `"$root/${loader}" --library-path "$root/usr/lib/${triplet}:$root/usr/lib" "$root/${file}"`
  const wrapper = join(cache, 'bin', name)
  writeFileSync(`${wrapper}.new`, `#!/bin/sh\nroot="$(dirname "$0")/../docker-${name}"\nexec ${start} "$@"\n`)
  chmodSync(`${wrapper}.new`, 0o755)
  renameSync(`${wrapper}.new`, wrapper)
}
