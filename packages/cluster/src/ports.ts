// Checks the ports of a plan before anything starts, and finds out who holds one that is taken.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import type { ClusterOptions, ClusterPlan, PlannedPort } from './plan.ts'
import { planCluster, plannedPorts } from './plan.ts'

/** Its message is a sentence for the user. */
export class PortError extends Error {
  override readonly name = 'PortError'
}

/** Throws a PortError for the first port that is invalid or taken. */
export async function checkPorts(plan: ClusterPlan): Promise<void> {
  const ports = plannedPorts(plan)
  for (const { port, purpose } of ports) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new PortError(
        `--port ${plan.port} puts ${purpose} on port ${port}, which does not exist: choose a port from 4065 to 63526.`,
      )
    }
  }
  for (const planned of ports) await checkPort(planned)
}

/**
 * A sentence when a port of the plan is one that the kernel may give to an outgoing connection: a part that restarts may then
 * find its port taken. `file` holds the first and the last of those ports.
 */
export function ephemeralPortWarning(
  plan: ClusterPlan,
  file = '/proc/sys/net/ipv4/ip_local_port_range',
): string | undefined {
  const [first, last] = (readLines(file)[0] ?? '').split(/\s+/).map(Number)
  if (!first || !last) return undefined // Not Linux.
  const found = plannedPorts(plan).find(({ port }) => port >= first && port <= last)
  if (found === undefined) return undefined
  const highest = Math.max(...plannedPorts(plan).map(({ port }) => port))
  return (
    `Port ${found.port} (${found.purpose}) lies among those of outgoing connections (${first} to ${last}) and may be taken when ` +
    `its process restarts: --port ${first - 1 - (highest - plan.port)} or lower is safe.`
  )
}

async function checkPort({ port, purpose }: PlannedPort): Promise<void> {
  const code = await tryToListen(port)
  if (code === undefined) return
  if (code === 'EACCES')
    throw new PortError(`Port ${port} (${purpose}) may not be used by this user: choose a higher --port.`)
  throw new PortError(
    `Port ${port} (${purpose}) is taken by ${holderOf(port) ?? 'another process'}: stop it or choose another --port.`,
  )
}

/** The error code of listening on all addresses, or undefined when it works. */
function tryToListen(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** `etcd (pid 123)`; undefined where /proc is missing or the holder belongs to somebody else. */
function holderOf(port: number): string | undefined {
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table).slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      const isListening = state === '0A'
      if (isListening && inode !== undefined && Number.parseInt(local?.split(':')[1] ?? '', 16) === port)
        inodes.add(`socket:[${inode}]`)
    }
  }
  if (inodes.size === 0) return undefined
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    if (openFiles(pid).some((file) => inodes.has(file))) return `${readLines(`/proc/${pid}/comm`)[0]} (pid ${pid})`
  }
  return undefined
}

function openFiles(pid: string): string[] {
  let descriptors: string[]
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`)
  } catch {
    return [] // Another user's process, or one that has just ended.
  }
  return descriptors.map((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`)
    } catch {
      return '' // Closed since: the directory's own descriptor always is, in this process.
    }
  })
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n')
  } catch {
    return [] // Not Linux, or the process has just ended.
  }
}

/** A port P whose whole plan is free at the moment: for tests and for several clusters on one machine. */
export async function findFreePort(
  options: Pick<ClusterOptions, 'replicas' | 'etcdMembers' | 'controllerManagers'> = {},
): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    // Below the ephemeral range of Linux (32768 and up), so that no outgoing connection takes a port meanwhile.
    const port = 12_000 + Math.floor(Math.random() * 18_000)
    try {
      await checkPorts(planCluster({ ...options, port }))
      return port
    } catch (error) {
      if (!(error instanceof PortError)) throw error
    }
  }
  throw new PortError('No free range of ports was found in 100 attempts.')
}
