// `keelson dev`: one server with its store in the same process. For laptops and tests.
import { Command, InvalidArgumentError } from 'commander'
import { stopSignal } from '../stop-signal.ts'
import { wholeNumber } from './up.ts'

export function devCommand(): Command {
  return new Command('dev')
    .description('start one API server with an embedded store')
    .option('--port <port>', 'port to listen on (0: any free one)', portNumber, 6443)
    .option('--data <file>', 'the store: a file, or :memory: (by default <state-dir>/dev.db)')
    .option('--state-dir <folder>', 'certificates, data and kubeconfig', '.keelson')
    .action(async ({ port, data, stateDir }: { port: number; data?: string; stateDir: string }) => {
      const { runDevServer } = await import('../dev-server.ts')
      await runDevServer({ port, data, stateDir }, stopSignal())
    })
}

function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port > 65_535) throw new InvalidArgumentError('It must be from 0 to 65535.')
  return port
}
