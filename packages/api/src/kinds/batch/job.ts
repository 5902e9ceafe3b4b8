// Job: pods that run until so many of them succeed. The selector and the labels behind it are made from the job's uid.
import {
  type FieldError,
  type KubeObject,
  fieldInvalid,
  fieldRequired,
  isDNS1123Label,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkImmutable } from '../../validation/field-checks.ts'
import { checkLabelSelector, selectorMatches } from '../../validation/labels.ts'
import { checkJobSpec } from '../../validation/job.ts'
import { selectorCell } from '../apps/selector-cell.ts'
import { containerCells, countGeneration, podNameWarnings } from '../apps/workload.ts'
import { defaultPodTemplate } from '../core/pod-defaults.ts'
import { warningsForPodTemplate } from '../core/pod-warnings.ts'
import { NONE, age, humanDuration } from '../row.ts'
import type { Job, JobSpec } from './job-types.ts'

// The schema has checked the types of what all these functions get.
const asJob = (object: KubeObject): Job => object as Job
const specPath = rootPath.child('spec')
const UID_LABEL = 'batch.kubernetes.io/controller-uid'
const NAME_LABEL = 'batch.kubernetes.io/job-name'
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
  validateUpdate(next, old) {
    const { metadata, spec = {} } = asJob(next)
    const before = asJob(old).spec ?? {}
    const errors: FieldError[] = []
    checkJobSpec(errors, spec, specPath)
    const frozen = [
      'completions',
      'selector',
      'template',
      'completionMode',
      'podFailurePolicy',
      'backoffLimitPerIndex',
    ] as const
    // A suspended job that never started may still be placed elsewhere.
    const mayMove = before.suspend === true && asJob(old).status?.startTime === undefined && metadata.uid !== undefined
    for (const field of frozen) {
      if (field === 'template' && mayMove) continue
      checkImmutable(errors, spec[field], before[field], specPath.child(field))
    }
    return errors
  },
  warnings(next, old) {
    if (old !== undefined && next.metadata.generation === old.metadata.generation) return []
    const template = warningsForPodTemplate(asJob(next).spec?.template, specPath.child('template'))
    return old === undefined ? [...podNameWarnings(next), ...template] : template
  },
  hasStatus: true,
  selectable: ['status.successful'],
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

function generateSelector({ metadata, spec = {} }: Job): void {
  const { uid = '', name = '' } = metadata
  const labels = (((spec.template ??= {}).metadata ??= {}).labels ??= {})
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels
  for (const key of ['controller-uid', UID_LABEL]) labels[key] = uid
  for (const key of ['job-name', NAME_LABEL]) labels[key] = name
  const selector = (spec.selector ??= {})
  ;(selector.matchLabels ??= {})[UID_LABEL] = uid
}

function validateJob({ metadata, spec = {} }: Job): FieldError[] {
  const errors: FieldError[] = []
  if (spec.manualSelector !== true) {
    const keys = Object.keys(spec.selector?.matchLabels ?? {})
    const isGenerated =
      keys.length === 1 &&
      spec.selector?.matchLabels?.[UID_LABEL] === metadata.uid &&
      (spec.selector?.matchExpressions ?? []).length === 0
    if (!isGenerated)
      errors.push(fieldInvalid(specPath.child('selector'), spec.selector, '`selector` not auto-generated'))
  }
  if (spec.selector === undefined) errors.push(fieldRequired(specPath.child('selector'), ''))
  else checkLabelSelector(errors, spec.selector, specPath.child('selector'))
  const labels = spec.template?.metadata?.labels
  if (spec.selector === undefined || !selectorMatches(spec.selector, labels)) {
    const path = specPath.child('template', 'metadata', 'labels')
    errors.push(fieldInvalid(path, labels, '`selector` does not match template `labels`'))
  }
  checkJobSpec(errors, spec, specPath)
  checkHostname(errors, metadata.name ?? '', spec)
  return errors
}

/** The last pod of an indexed job has the longest name, and its hostname is made of it. */
function checkHostname(errors: FieldError[], name: string, { completionMode, completions = 0 }: JobSpec): void {
  if (completionMode !== 'Indexed' || completions <= 0) return
  const hostname = `${name}-${completions - 1}`
  if (isDNS1123Label(hostname).length === 0) return
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`
  errors.push(fieldInvalid(rootPath.child('metadata', 'name'), name, detail))
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
