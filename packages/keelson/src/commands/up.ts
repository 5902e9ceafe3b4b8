// `keelson up`: etcd, API server replicas, HAProxy and controller managers on this machine, supervised until Ctrl-C (or `keelson down`).
import { Command, InvalidArgumentError } from 'commander'
import type { Progress, RunningCluster } from '@keelson/cluster'
import { ownCommand, ownLeanCommand } from '../own-command.ts'
import { progressView } from '../progress.ts'
import { stopSignal } from '../stop-signal.ts'
import { isInBackground, runDetached, tellParent } from '../detached.ts'

export interface UpOptions {
  readonly detach?: boolean
  readonly replicas: number
  readonly etcd: number
  readonly controllerManagers: number
  readonly port: number
  readonly stateDir: string
}

export function upCommand(): Command {
  return new Command('up')
    .description('start a cluster: etcd, API server replicas, HAProxy and controller managers')
    .option('--detach', 'leave it running in the background once it is ready')
    .option('--replicas <number>', 'API server replicas', wholeNumber, 3)
    .option('--etcd <number>', 'etcd members', wholeNumber, 3)
    .option('--controller-managers <number>', 'of which one leads; 0 when others do their work', wholeNumber, 2)
    .option('--port <port>', 'port of HAProxy; all other ports follow from it', wholeNumber, 6443)
    .option('--state-dir <folder>', 'certificates, data, logs and kubeconfigs', '.keelson')
    .action(up)
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

async function up(options: UpOptions): Promise<void> {
  if (options.detach) return runDetached(options)
  const startedAt = Date.now()
  const stopped = stopSignal()
  let cluster: RunningCluster
  try {
    cluster = await start(options, stopped)
  } catch (error) {
    // In the background nobody would find that server again: `status` and `down` know clusters.
    if (!(error instanceof Error) || error.name !== 'MissingBinaries' || isInBackground()) throw error
    console.error(`keelson: ${error.message}\nStarting \`keelson dev\` instead: one server, no etcd.`)
    const { runDevServer } = await import('../dev-server.ts')
    return runDevServer({ port: options.port, stateDir: options.stateDir, data: undefined }, stopped)
  }
  const summary = summaryOf(cluster, Date.now() - startedAt)
  console.log(summary)
  await tellParent({ type: 'ready', summary })
  await stopped
  await stop(cluster)
}

/** Resolves when all is healthy. Nothing is left behind when that fails, or a signal comes first. */
async function start(
  { port, replicas, etcd, controllerManagers, stateDir }: UpOptions,
  stopped: Promise<unknown>,
): Promise<RunningCluster> {
  const { startCluster, whenUp } = await import('@keelson/cluster')
  const view = await progressView(process.stdout.isTTY)
  const onProgress = (progress: Progress): void => {
    view.show(progress)
    void tellParent({ type: 'progress', progress })
  }
  let cluster: RunningCluster | undefined
  try {
    cluster = await startCluster({
      port,
      replicas,
      etcdMembers: etcd,
      controllerManagers,
      stateDir,
      replicaCommand: ownCommand('apiserver'),
      controllerManagerCommand: ownLeanCommand('controller-manager'),
      onProgress,
      onDeath: (name, how) => console.log(`${new Date().toISOString()} ${name} ended (${how}) and is started again`),
    })
    await Promise.race([whenUp(cluster, onProgress), stopped.then(refuse)])
    await view.end()
    return cluster
  } catch (error) {
    await view.end(error instanceof Error ? error : new Error(String(error)))
    await cluster?.stop()
    throw error
  }
}

async function refuse(): Promise<never> {
  const { ClusterError } = await import('@keelson/cluster')
  throw new ClusterError('Stopped before the cluster was ready.')
}

async function stop(cluster: RunningCluster): Promise<void> {
  console.log('Stopping: controllers end, the replicas drain, then HAProxy and etcd end.')
  await cluster.stop()
  console.log('Stopped. Nothing is left running; the data stays in the state folder.')
  process.exit(0)
}

function summaryOf({ plan, adminKubeconfig }: RunningCluster, tookMs: number): string {
  return `
Keelson is up after ${(tookMs / 1000).toFixed(1)} s: https://127.0.0.1:${plan.port} (${plan.replicas.length} replicas, ${plan.etcd.length} etcd members)

  export KUBECONFIG=${adminKubeconfig}
  kubectl get namespaces

Statistics http://127.0.0.1:${plan.statisticsPort}/   Logs ${plan.stateDir}/logs   Stop: Ctrl-C or \`keelson down\``
}
