// The subcommands that commander reads. Those with upstream's flags (apiserver, controller-manager) are listed for the help only:
// main.ts starts them without commander, which saves them 20 ms and 3 MB.
import { Command } from 'commander'
import { certificatesCommand } from './commands/certificates.ts'
import { devCommand } from './commands/dev.ts'
import { downCommand } from './commands/down.ts'
import { statusCommand } from './commands/status.ts'
import { upCommand } from './commands/up.ts'
import { VERSION } from './version.ts'

export function createProgram(): Command {
  const program = new Command('keelson')
    .description('A highly available Kubernetes API control plane.')
    .version(VERSION)
    .showSuggestionAfterError()
  for (const command of [upCommand(), downCommand(), statusCommand(), devCommand(), certificatesCommand()]) {
    program.addCommand(command.copyInheritedSettings(program))
  }
  program.command('apiserver').description("start one API server, with kube-apiserver's flags (see `apiserver --help`)")
  program
    .command('controller-manager')
    .description(
      "end namespaces and collect garbage, with kube-controller-manager's flags (see `controller-manager --help`)",
    )
  for (const command of [program, ...program.commands]) command.exitOverride()
  return program
}
