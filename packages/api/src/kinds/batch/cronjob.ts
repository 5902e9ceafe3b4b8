// CronJob: a job at the times of a schedule.
import {
  type FieldError,
  type KubeObject,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  nameIsDNSSubdomain,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { scheduleError, timeZoneError } from '../../validation/cron-schedule.ts'
import { checkNotNegative } from '../../validation/field-checks.ts'
import { selectorCell } from '../apps/selector-cell.ts'
import { containerCells, podNameWarnings } from '../apps/workload.ts'
import { defaultPodTemplate } from '../core/pod-defaults.ts'
import { warningsForPodTemplate } from '../core/pod-warnings.ts'
import { NONE, UNSET, age, timeSince } from '../row.ts'
import { checkJobSpec } from '../../validation/job.ts'
import type { JobSpec } from './job-types.ts'

interface CronJob extends KubeObject {
  spec?: {
    schedule?: string
    timeZone?: string
    startingDeadlineSeconds?: number
    concurrencyPolicy?: string
    suspend?: boolean
    jobTemplate?: { spec?: JobSpec }
    successfulJobsHistoryLimit?: number
    failedJobsHistoryLimit?: number
  }
  status?: { active?: unknown[]; lastScheduleTime?: string }
}

// The schema has checked the types of what all these functions get.
const asCronJob = (object: KubeObject): CronJob => object as CronJob
const specPath = rootPath.child('spec')
const POLICIES = ['Allow', 'Forbid', 'Replace']
/** Jobs get names of eleven characters more. */
const MAX_NAME = 52

export const cronJobStrategy: KindStrategy = {
  default(object) {
    const spec = (asCronJob(object).spec ??= {})
    spec.concurrencyPolicy ||= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    const template = ((spec.jobTemplate ??= {}).spec ??= {})
    defaultPodTemplate((template.template ??= {}))
  },
  prepareForCreate(object) {
    object['status'] = {}
  },
  validate: (object) => validateCronJob(asCronJob(object)),
  validateUpdate: (next, old) => validateCronJob(asCronJob(next), asCronJob(old)),
  warnings(next, old) {
    if (old !== undefined && next.metadata.generation === old.metadata.generation) return []
    const path = specPath.child('jobTemplate', 'spec', 'template')
    const template = warningsForPodTemplate(asCronJob(next).spec?.jobTemplate?.spec?.template, path)
    return old === undefined ? [...podNameWarnings(next), ...template] : template
  },
  hasStatus: true,
  hasGeneration: true,
  validateName(name, prefix) {
    const messages = nameIsDNSSubdomain(name, prefix)
    return name.length > MAX_NAME ? [...messages, `must be no more than ${MAX_NAME} characters`] : messages
  },
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asCronJob(object)
    const job = spec.jobTemplate?.spec
    return [
      metadata.name ?? '',
      spec.schedule ?? '',
      spec.timeZone ?? NONE,
      spec.suspend === undefined ? UNSET : spec.suspend ? 'True' : 'False',
      status.active?.length ?? 0,
      status.lastScheduleTime === undefined ? NONE : timeSince(status.lastScheduleTime, now),
      age(object, now),
      ...containerCells(job?.template?.spec?.containers),
      selectorCell(job?.selector) || NONE,
    ]
  },
}

function validateCronJob({ spec = {} }: CronJob, old?: CronJob): FieldError[] {
  const errors: FieldError[] = []
  const { schedule = '', timeZone } = spec
  if (schedule === '') errors.push(fieldRequired(specPath.child('schedule'), ''))
  else checkSchedule(errors, schedule, timeZone, (old?.spec?.schedule ?? '').includes('TZ'))
  if (timeZone !== undefined) checkTimeZone(errors, timeZone)
  checkNotNegative(errors, spec.startingDeadlineSeconds, specPath, 'startingDeadlineSeconds')
  const policy = spec.concurrencyPolicy ?? ''
  if (policy === '') errors.push(fieldRequired(specPath.child('concurrencyPolicy'), ''))
  else if (!POLICIES.includes(policy))
    errors.push(fieldNotSupported(specPath.child('concurrencyPolicy'), policy, POLICIES))
  const path = specPath.child('jobTemplate', 'spec')
  const job = spec.jobTemplate?.spec ?? {}
  checkJobSpec(errors, job, path)
  if (job.manualSelector === true) {
    errors.push(fieldNotSupported(path.child('manualSelector'), true, ['nil', 'false']))
  }
  if (job.selector !== undefined)
    errors.push(fieldInvalid(path.child('selector'), job.selector, '`selector` will be auto-generated'))
  checkNotNegative(errors, spec.successfulJobsHistoryLimit, specPath, 'successfulJobsHistoryLimit')
  checkNotNegative(errors, spec.failedJobsHistoryLimit, specPath, 'failedJobsHistoryLimit')
  return errors
}

/** A schedule that had its own time zone before there was a field for it may keep it. */
function checkSchedule(
  errors: FieldError[],
  schedule: string,
  timeZone: string | undefined,
  hadTimeZone: boolean,
): void {
  const path = specPath.child('schedule')
  const problem = scheduleError(schedule)
  if (problem !== undefined) errors.push(fieldInvalid(path, schedule, problem))
  if (!schedule.includes('TZ')) return
  if (!hadTimeZone) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    errors.push(fieldInvalid(path, schedule, detail))
  } else if (timeZone !== undefined) {
    const detail = 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
    errors.push(fieldInvalid(path, schedule, detail))
  }
}

function checkTimeZone(errors: FieldError[], timeZone: string): void {
  const refuse = (detail: string): void => void errors.push(fieldInvalid(specPath.child('timeZone'), timeZone, detail))
  if (timeZone === '') return refuse('timeZone must be nil or non-empty string')
  if (timeZone.toLowerCase() === 'local')
    return refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')
  const problem = timeZoneError(timeZone)
  if (problem !== undefined) refuse(problem)
}
