// A cluster in the background: a second process of this command does the work, this one shows its progress and goes.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeFolder } from '@keelson/cluster/folder'
import type { Progress } from '@keelson/cluster'
import type { UpOptions } from './commands/up.ts'
import { ownCommand } from './own-command.ts'
import { progressView } from './progress.ts'
import { UserError } from './user-error.ts'

export type DetachedMessage =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'ready'; readonly summary: string }
  | { readonly type: 'failed'; readonly message: string }

/** True in the process that runDetached() started. */
export function isInBackground(): boolean {
  return process.send !== undefined
}

/** From the process in the background, resolved when it is on its way; without a parent that listens it does nothing. */
export function tellParent(message: DetachedMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })
}

/** Resolves when the cluster is ready. Throws UserError with what the other process said when it failed. */
export async function runDetached({ replicas, etcd, controllerManagers, port, stateDir }: UpOptions): Promise<void> {
  const view = await progressView(process.stdout.isTTY)
  const logFile = join(resolve(stateDir), 'logs', 'supervisor.log')
  makeFolder(join(logFile, '..'), 0o700)
  const log = openSync(logFile, 'a', 0o600)
  const { command, args } = ownCommand(
    'up',
    `--replicas=${replicas}`,
    `--etcd=${etcd}`,
    `--controller-managers=${controllerManagers}`,
    `--port=${port}`,
    `--state-dir=${resolve(stateDir)}`,
  )
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log, 'ipc'] })
  closeSync(log)

  const outcome = await new Promise<DetachedMessage>((settle) => {
    child.on('message', (message: DetachedMessage) => {
      if (message.type === 'progress') view.show(message.progress)
      else settle(message)
    })
    child.once('error', (error) => settle({ type: 'failed', message: error.message }))
    child.once('exit', (code, signal) =>
      settle({ type: 'failed', message: `the supervisor ended (${signal ?? code}): see ${logFile}` }),
    )
  })
  if (outcome.type === 'failed') {
    const error = new UserError(outcome.message)
    await view.end(error)
    throw error
  }
  await view.end()
  if (outcome.type === 'ready') console.log(outcome.summary)
  child.disconnect()
  child.unref()
}
