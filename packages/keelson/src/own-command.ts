// How this command starts itself again: for replicas, controller managers, and for a cluster in the background.
import { fileURLToPath } from 'node:url'

interface OwnCommand {
  readonly command: string
  readonly args: readonly string[]
}

const PROGRAM = fileURLToPath(new URL('../bin/keelson.mjs', import.meta.url))

/**
 * Of V8's young generation a server needs little: 16 MB (the default) cost 30 to 40 MB of memory more and longer pauses, and
 * save no processor time. The first line of bin/keelson.mjs says the same.
 */
export function ownCommand(...args: readonly string[]): OwnCommand {
  return { command: process.execPath, args: ['--max-semi-space-size=6', PROGRAM, ...args] }
}

/** For a process that idles most of its life: 1 MB. */
export function ownLeanCommand(...args: readonly string[]): OwnCommand {
  return { command: process.execPath, args: ['--max-semi-space-size=1', PROGRAM, ...args] }
}
