// `keelson down`: ends the cluster of a state folder, also when its supervisor was killed.
import { Command } from 'commander'

export function downCommand(): Command {
  return new Command('down')
    .description('stop the cluster of a state folder')
    .option('--state-dir <folder>', 'as given to `up`', '.keelson')
    .action(async ({ stateDir }: { stateDir: string }) => {
      const { ClusterHandle } = await import('@keelson/cluster')
      const wasRunning = await new ClusterHandle(stateDir).down()
      console.log(wasRunning ? 'Stopped. The data stays in the state folder.' : `Nothing runs in ${stateDir}.`)
    })
}
