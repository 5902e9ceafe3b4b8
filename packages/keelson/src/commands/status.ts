// `keelson status`: every process of a cluster and whether it is well. Exit code 1 when one is not.
import { Command } from 'commander'
import type { ProcessStatus } from '@keelson/cluster'
import { UserError } from '../user-error.ts'

export function statusCommand(): Command {
  return new Command('status')
    .description('show every process of a cluster')
    .option('--state-dir <folder>', 'as given to `up`', '.keelson')
    .option('--json', 'an array of {role, name, pid, address, health, reason, restarts}')
    .action(status)
}

async function status({ stateDir, json }: { stateDir: string; json?: boolean }): Promise<void> {
  const { ClusterHandle } = await import('@keelson/cluster')
  const handle = new ClusterHandle(stateDir)
  if (handle.record === undefined)
    throw new UserError(`There is no cluster in ${stateDir}: start one with \`keelson up\`.`)
  const processes = await handle.status()
  console.log(json ? JSON.stringify(processes, undefined, 2) : table(processes))
  if (!handle.isSupervised)
    console.error(
      'The supervisor is dead: what dies is not started again. `keelson down`, then `keelson up`, mends that.',
    )
  if (processes.some(({ health }) => health !== 'healthy')) process.exitCode = 1
}

function table(processes: readonly ProcessStatus[]): string {
  const rows = [
    ['ROLE', 'NAME', 'PID', 'ADDRESS', 'RESTARTS', 'HEALTH'],
    ...processes.map(({ role, name, pid, address, restarts, health, reason }) => [
      role,
      name,
      String(pid ?? '-'),
      address,
      String(restarts),
      reason === '' ? health : `${health}: ${reason}`,
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
