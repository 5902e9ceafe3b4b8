// How this command starts itself again: for replicas, controller managers, and for a cluster in the background.
import { fileURLToPath } from 'node:url'

interface OwnCommand {
  readonly command: string
  readonly args: readonly string[]
}

const PROGRAM = fileURLToPath(new URL('../bin/keelson.mjs', import.meta.url))

/**
 * 16 MB (the default) of V8's young generation cost 20 to 30 MB of memory more and save no processor time; with less than this
 * major collections come more often, and pauses are longer. The first line of bin/keelson.mjs asks for 4: what starts
 * there (`dev` above all) shares a laptop.
 */
export function ownCommand(...args: readonly string[]): OwnCommand {
  return { command: process.execPath, args: ['--max-semi-space-size=10', PROGRAM, ...args] }
}

/** For a process that idles most of its life: 1 MB. */
export function ownLeanCommand(...args: readonly string[]): OwnCommand {
  return { command: process.execPath, args: ['--max-semi-space-size=1', PROGRAM, ...args] }
}
