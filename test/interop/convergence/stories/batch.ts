// Jobs and CronJobs: done, failed, suspended, indexed, forgotten after a while.
import { batch, core, job, jobSpec } from '../objects.ts'
import type { Story } from './story.ts'

const NAMESPACE = 'jobs'
const JOBS = batch(NAMESPACE, 'jobs')

const has =
  (type: string) =>
  (status: Readonly<Record<string, unknown>>): boolean => {
    const conditions = (status['conditions'] ?? []) as { type: string; status: string }[] // Conditions of a Job.
    return conditions.some((condition) => condition.type === type && condition.status === 'True')
  }

export const jobs: Story = async ({ side }) => {
  await side.namespace(NAMESPACE)
  await side.create(JOBS, job('complete', { more: { completions: 6, parallelism: 3 } }))
  await side.create(JOBS, job('failing', { exitCode: 1, more: { backoffLimit: 1 } }))
  await side.create(JOBS, job('indexed', { more: { completionMode: 'Indexed', completions: 5, parallelism: 2 } }))
  const perIndex = { completionMode: 'Indexed', completions: 4, parallelism: 4, backoffLimitPerIndex: 0 }
  await side.create(JOBS, job('partly', { failIndexes: '1,3', more: perIndex }))
  await side.create(JOBS, job('overdue', { seconds: 600, more: { activeDeadlineSeconds: 8 } }))
  await side.create(JOBS, job('forgotten', { more: { ttlSecondsAfterFinished: 5 } }))
  await side.create(JOBS, job('later', { more: { suspend: true, completions: 2 } }))
  await side.create(JOBS, job('interrupted', { seconds: 20, more: { parallelism: 2, completions: 2 } }))
  await side.create(JOBS, job('endless', { seconds: 36_000, more: { parallelism: 3, completions: 3 } }))
  const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }]
  await side.create(JOBS, job('by-rule', { exitCode: 1, more: { podFailurePolicy: { rules } } }))
  await side.status(`${JOBS}/later`, has('Suspended'), 'is suspended')
  await side.patch(`${JOBS}/later`, { spec: { suspend: false } })
  await side.status(`${JOBS}/interrupted`, ({ ready }) => ready === 2, 'runs')
  await side.patch(`${JOBS}/interrupted`, { spec: { suspend: true } })
  await side.status(`${JOBS}/interrupted`, has('Suspended'), 'is suspended')
  await side.patch(`${JOBS}/endless`, { spec: { parallelism: 1 } })
  for (const name of ['complete', 'indexed', 'later']) await side.status(`${JOBS}/${name}`, has('Complete'), 'is done')
  for (const name of ['failing', 'partly', 'overdue', 'by-rule'])
    await side.status(`${JOBS}/${name}`, has('Failed'), 'has failed')
  await side.gone(`${JOBS}/forgotten`)
}

export const CRON_NAMESPACE = 'cronjobs'

/** They run until `endCronJobs`, which waits for a run whose history is full. */
export const cronJobs: Story = async ({ side }) => {
  const path = batch(CRON_NAMESPACE, 'cronjobs')
  await side.namespace(CRON_NAMESPACE)
  const cronJob = (name: string, exitCode: number, more: object = {}): { metadata: object; spec: object } => ({
    metadata: { name },
    spec: {
      schedule: '* * * * *',
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: jobSpec(name, { exitCode, more: { backoffLimit: 0 } }) },
      ...more,
    },
  })
  await side.create(path, cronJob('good', 0))
  await side.create(path, cronJob('bad', 1))
  await side.create(path, cronJob('kept-out', 0, { suspend: true }))
  await side.create(path, cronJob('next-year', 0, { schedule: '0 0 1 1 *', timeZone: 'Europe/Vienna' }))
}

export const endCronJobs: Story = async ({ side }) => {
  const path = batch(CRON_NAMESPACE, 'cronjobs')
  // Two runs of each: the limits of their histories have been at work.
  await side.until('CronJobs have run twice', async () => {
    const { items } = await side.client.list(core(CRON_NAMESPACE, 'events'))
    const runs = (name: string): number =>
      items
        .filter(({ reason, involvedObject }) => {
          const object = involvedObject as { kind: string; name: string } // An Event's object.
          return reason === 'SuccessfulCreate' && object.kind === 'CronJob' && object.name === name
        })
        .reduce((sum, { count }) => sum + Number(count), 0)
    return runs('good') >= 2 && runs('bad') >= 2
  })
  for (const name of ['good', 'bad']) await side.patch(`${path}/${name}`, { spec: { suspend: true } })
  await side.until('no CronJob has a Job at work', async () => {
    const { items } = await side.client.list(path)
    return items.every(({ status }) => (status as { active?: unknown[] }).active === undefined) // A CronJob's status.
  })
}
