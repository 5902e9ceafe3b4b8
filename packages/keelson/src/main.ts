// The command line: which subcommands there are, and what the exit code says.
//
//   0 done   1 could not be done (one sentence on standard error says what to do)   2 the command line is wrong
//
// Everything heavy is imported by the subcommand that needs it.
import { Command, CommanderError } from 'commander'
import { certificatesCommand } from './commands/certificates.ts'
import { devCommand } from './commands/dev.ts'
import { downCommand } from './commands/down.ts'
import { statusCommand } from './commands/status.ts'
import { upCommand } from './commands/up.ts'
import { tellParent } from './detached.ts'
import { isForUser } from './user-error.ts'
import { VERSION } from './version.ts'

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
  const program = new Command('keelson')
    .description('A highly available Kubernetes API control plane.')
    .version(VERSION)
    .showSuggestionAfterError()
  for (const command of [upCommand(), downCommand(), statusCommand(), devCommand(), certificatesCommand()]) {
    program.addCommand(command.copyInheritedSettings(program))
  }
  program.command('apiserver').description("start one API server, with kube-apiserver's flags (see `apiserver --help`)")
  for (const command of [program, ...program.commands]) command.exitOverride()
  await program.parseAsync(args, { from: 'user' })
}

async function reportError(error: unknown): Promise<number> {
  // commander has printed its message already; asking for help or the version is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  await tellParent({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
  if (isForUser(error)) {
    console.error(`keelson: ${error.message}`)
    return error.name === 'FlagError' ? 2 : 1
  }
  console.error(error)
  return 1
}
