// Job: pods that run until so many of them succeed. The selector and the labels behind it are made from the job's uid.
import { type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { NAME_LABELS, UID_LABELS, validateJob, validateJobUpdate } from '../../validation/job-object.ts'
import { validateJobStatus } from '../../validation/job-status.ts'
import { selectorCell } from '../apps/selector-cell.ts'
import { containerCells, countGeneration, podNameWarnings } from '../apps/workload.ts'
import { defaultPodTemplate } from '../core/pod-defaults.ts'
import { warningsForPodTemplate } from '../core/pod-warnings.ts'
import { NONE, age, humanDuration } from '../row.ts'
import type { Job, JobSpec } from './job-types.ts'

// The schema has checked the types of what all these functions get.
const asJob = (object: KubeObject): Job => object as Job
const specPath = rootPath.child('spec')
const MAX_INT32 = 2_147_483_647
const STATES = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']

export const jobStrategy: KindStrategy = {
  default: (object) => defaultJob(asJob(object)),
  prepareForCreate(object) {
    object['status'] = {}
    object.metadata.generation = 1
    if (asJob(object).spec?.manualSelector !== true) generateSelector(asJob(object))
  },
  prepareForUpdate: (next, old) => countGeneration(next, old),
  validate: (object) => validateJob(asJob(object)),
  validateUpdate: (next, old) => validateJobUpdate(asJob(next), asJob(old)),
  validateStatusUpdate: (next, old) => validateJobStatus(asJob(next), asJob(old)),
  warnings(next, old) {
    if (old !== undefined && next.metadata.generation === old.metadata.generation) return []
    const template = warningsForPodTemplate(asJob(next).spec?.template, specPath.child('template'))
    return old === undefined ? [...podNameWarnings(next), ...template] : template
  },
  hasStatus: true,
  selectable: ['status.successful'],
  unselectable: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
  selectableFields: (object) => ({ 'status.successful': String(asJob(object).status?.succeeded ?? 0) }),
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asJob(object)
    const end = status.completionTime === undefined ? now.getTime() : Date.parse(status.completionTime)
    return [
      metadata.name ?? '',
      stateOf(asJob(object)),
      completionsCell(spec, status.succeeded ?? 0),
      status.startTime === undefined ? '' : humanDuration(end - Date.parse(status.startTime)),
      age(object, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector) || NONE,
    ]
  },
}

function defaultJob(job: Job): void {
  const spec = (job.spec ??= {})
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
  for (const { onPodConditions = [] } of spec.podFailurePolicy?.rules ?? []) {
    for (const condition of onPodConditions) condition.status ||= 'True'
  }
  const template = (spec.template ??= {})
  defaultPodTemplate(template)
  // The same map, not a copy: what the server adds to the template's labels is the job's too, as it is upstream.
  const labels = template.metadata?.labels
  if (labels !== undefined && Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = labels
}

/** Labels that are there already stay, and are refused if they are wrong. */
function generateSelector({ metadata, spec = {} }: Job): void {
  const { uid = '', name = '' } = metadata
  const labels = (((spec.template ??= {}).metadata ??= {}).labels ??= {})
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels
  for (const key of NAME_LABELS) labels[key] ??= name
  for (const key of UID_LABELS) labels[key] ??= uid
  const selector = (spec.selector ??= {})
  ;(selector.matchLabels ??= {})[UID_LABELS[1]] ??= uid
}

function stateOf({ metadata, status = {} }: Job): string {
  const is = (kind: string): boolean => status.conditions?.find(({ type }) => type === kind)?.status === 'True'
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  return STATES.find(is) ?? 'Running'
}

function completionsCell({ completions, parallelism = 0 }: JobSpec, succeeded: number): string {
  if (completions !== undefined) return `${succeeded}/${completions}`
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}
