// The steps of a start as they become done: a live list on a terminal (listr2), a line each elsewhere.
import type { Progress, Step } from '@keelson/cluster'

export interface ProgressView {
  show(progress: Progress): void
  /** All steps are done, or `error` ended them. Nothing is drawn afterwards. */
  end(error?: Error): Promise<void>
}

const TITLES: Record<Step, string> = {
  ports: 'Ports',
  binaries: 'etcd and HAProxy',
  certificates: 'Certificates',
  etcd: 'etcd',
  replicas: 'API servers',
  haproxy: 'Load balancer',
  controllers: 'Controllers',
}

export async function progressView(isTerminal: boolean): Promise<ProgressView> {
  return isTerminal ? liveList() : lines()
}

function lines(): ProgressView {
  return {
    show: ({ step, text }) => console.log(`${TITLES[step]}: ${text}`),
    end: () => Promise.resolve(),
  }
}

async function liveList(): Promise<ProgressView> {
  const { Listr } = await import('listr2')
  const steps = Object.keys(TITLES) as Step[] // The keys of a Record<Step, …>.
  const done = new Map(steps.map((step) => [step, Promise.withResolvers<string>()]))
  const titles = new Map<Step, { title: string | undefined }>()
  const list = new Listr(
    steps.map((step) => ({
      title: TITLES[step],
      task: async (_: unknown, task: { title: string | undefined }) => {
        titles.set(step, task)
        task.title = `${TITLES[step]}: ${await done.get(step)?.promise}`
      },
    })),
    { concurrent: true, exitOnError: false, registerSignalListeners: false },
  )
  const drawn = list.run()
  return {
    show({ step, done: isDone, text }) {
      if (isDone) done.get(step)?.resolve(text)
      const task = titles.get(step)
      if (task !== undefined) task.title = `${TITLES[step]}: ${text}`
    },
    async end(error) {
      // Steps that are not done by now never will be.
      if (error !== undefined) for (const { reject } of done.values()) reject(new Error('not done'))
      await drawn
    },
  }
}
