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
    .option('--runtime-config <entries>', 'APIs on and off: apps/v1=false,policy/v1=false', entries, [])
    .option('--feature-gates <entries>', 'feature gates of Kubernetes: WatchList=false', entries, [])
    .action(async (options: DevOptions) => {
      const { runDevServer } = await import('../dev-server.ts')
      await runDevServer({ ...options, data: options.data }, stopSignal())
    })
}

interface DevOptions {
  readonly port: number
  readonly data?: string
  readonly stateDir: string
  readonly runtimeConfig: readonly string[]
  readonly featureGates: readonly string[]
}

/** Separated by commas, and the option may come again. */
const entries = (text: string, before: readonly string[]): readonly string[] => [...before, ...text.split(',')]

function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port > 65_535) throw new InvalidArgumentError('It must be from 0 to 65535.')
  return port
}
