// The command line: which subcommands there are, and what the exit code says.
//
//   0 done   1 could not be done (one sentence on standard error says what to do)   2 the command line is wrong
//
// Everything heavy is imported by the subcommand that needs it.
import { tellParent } from './detached.ts'
import { isForUser } from './user-error.ts'

export async function main(args: readonly string[]): Promise<void> {
  try {
    await run(args)
  } catch (error) {
    // What was opened before the fault (a store's timers, say) must not keep the process alive.
    process.exit(await reportError(error))
  }
}

async function run(args: readonly string[]): Promise<void> {
  // Its flags are upstream's: read by our own parser, and without commander a replica is up sooner.
  if (args[0] === 'apiserver') {
    const { runApiserver } = await import('./apiserver.ts')
    return runApiserver(args.slice(1))
  }
  if (args[0] === 'controller-manager') {
    const { runControllerManager } = await import('./controller-manager.ts')
    return runControllerManager(args.slice(1))
  }
  const { createProgram } = await import('./program.ts')
  await createProgram().parseAsync(args, { from: 'user' })
}

async function reportError(error: unknown): Promise<number> {
  // commander has printed its message already; asking for help or the version is no mistake.
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2
  await tellParent({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
  if (isForUser(error)) {
    console.error(`keelson: ${error.message}`)
    return error.name === 'FlagError' ? 2 : 1
  }
  console.error(error)
  return 1
}

/** By its code (`commander.help`): its class may not be loaded. */
function isCommanderError(error: unknown): error is Error & { readonly exitCode: unknown } {
  const isCoded = error instanceof Error && 'exitCode' in error && 'code' in error
  return isCoded && typeof error.code === 'string' && error.code.startsWith('commander.')
}
