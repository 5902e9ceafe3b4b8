// What a Job must be as a whole, and what of it may change.
import { type FieldError, fieldInvalid, fieldRequired, isDNS1123Label, rootPath } from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../metadata/update-checks.ts'
import type { Job, JobSpec } from '../kinds/batch/job-types.ts'
import type { PodSpec, PodTemplateSpec } from '../kinds/core/pod-types.ts'
import { emptiedField } from '../schema/emptied.ts'
import { FIELD_IS_IMMUTABLE, checkImmutable, semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { checkJobSpec } from './job.ts'
import { checkLabelSelector, isUsableSelector, selectorMatches } from './labels.ts'

const specPath = rootPath.child('spec')
const templatePath = specPath.child('template')
export const UID_LABELS = ['controller-uid', 'batch.kubernetes.io/controller-uid'] as const
export const NAME_LABELS = ['job-name', 'batch.kubernetes.io/job-name'] as const

export function validateJob(job: Job, old?: Job): FieldError[] {
  const errors: FieldError[] = []
  checkGeneratedSelector(errors, job, old)
  checkSpec(errors, job.spec ?? {})
  checkHostname(errors, job.metadata.name ?? '', job.spec ?? {})
  return errors
}

/** The spec is judged twice, as upstream does. */
export function validateJobUpdate(next: Job, old: Job): FieldError[] {
  const errors = [...validateJob(next, old), METADATA_CHECKED.change]
  const { spec = {} } = next
  const before = old.spec ?? {}
  checkSpec(errors, spec)
  checkCompletions(errors, spec, before)
  checkImmutable(errors, spec.selector, before.selector, specPath.child('selector'))
  checkTemplateUpdate(errors, spec, old)
  const frozen = (field: 'completionMode' | 'backoffLimitPerIndex' | 'managedBy'): void =>
    checkImmutable(errors, spec[field], before[field], specPath.child(field))
  const frozenPolicy = (field: 'podFailurePolicy' | 'successPolicy', type: string): void => {
    if (semanticallyEqual(spec[field], before[field])) return
    errors.push(fieldInvalid(specPath.child(field), internalForm(type, spec[field]), FIELD_IS_IMMUTABLE))
  }
  frozen('completionMode')
  frozenPolicy('podFailurePolicy', '*batch.PodFailurePolicy')
  frozen('backoffLimitPerIndex')
  frozen('managedBy')
  frozenPolicy('successPolicy', '*batch.SuccessPolicy')
  return errors
}

function checkSpec(errors: FieldError[], spec: JobSpec): void {
  checkJobSpec(errors, spec, specPath)
  const { selector, template } = spec
  if (selector === undefined) errors.push(fieldRequired(specPath.child('selector'), ''))
  else checkLabelSelector(errors, selector, specPath.child('selector'))
  const labels = template?.metadata?.labels
  if (selector !== undefined && (!isUsableSelector(selector) || selectorMatches(selector, labels))) return
  const shown = labels ?? emptiedField(template?.metadata, 'labels')
  errors.push(
    fieldInvalid(templatePath.child('metadata', 'labels'), shown, '`selector` does not match template `labels`'),
  )
}

/** Selectors that are not made by hand select by the job's uid; the template has labels that say whose its pods are. */
function checkGeneratedSelector(errors: FieldError[], { metadata, spec = {} }: Job, old: Job | undefined): void {
  const { selector, manualSelector, template } = spec
  if (manualSelector === true || selector === undefined) return
  const { uid = '', name = '' } = metadata
  if (uid === '') errors.push(fieldRequired('metadata.uid', ''))
  const labels = template?.metadata?.labels
  const before = old?.spec?.template?.metadata?.labels
  // Jobs of older versions have the labels without prefix only.
  const isPrefixed =
    old === undefined || (before?.[UID_LABELS[1]] !== undefined && before[NAME_LABELS[1]] !== undefined)
  const expected = (isPrefixed ? [0, 1] : [0]).flatMap((index) => [
    [UID_LABELS[index] ?? '', uid] as const,
    [NAME_LABELS[index] ?? '', name] as const,
  ])
  for (const [key, value] of expected) {
    const path = templatePath.child('metadata', 'labels').key(key)
    const actual = labels?.[key]
    if (actual === undefined) errors.push(fieldRequired(path, `must be '${value}'`))
    else if (actual !== value) errors.push(fieldInvalid(path, labels, `must be '${value}'`))
  }
  if (isUsableSelector(selector) && !selectorMatches(selector, Object.fromEntries(expected)))
    errors.push(fieldInvalid(specPath.child('selector'), selector, '`selector` not auto-generated'))
}

/** The last pod of an indexed job has the longest name, and its hostname is made of it. */
function checkHostname(errors: FieldError[], name: string, { completionMode, completions = 0 }: JobSpec): void {
  if (completionMode !== 'Indexed' || completions <= 0) return
  const hostname = `${name}-${completions - 1}`
  if (isDNS1123Label(hostname).length === 0) return
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`
  errors.push(fieldInvalid(rootPath.child('metadata', 'name'), name, detail))
}

/** An indexed job may be scaled, all of it. */
function checkCompletions(errors: FieldError[], spec: JobSpec, old: JobSpec): void {
  const { completions, parallelism } = spec
  const path = specPath.child('completions')
  if (spec.completionMode !== 'Indexed') return checkImmutable(errors, completions, old.completions, path)
  if (completions === old.completions || completions === undefined || completions === parallelism) return
  errors.push(fieldInvalid(path, completions, 'can only be modified in tandem with spec.parallelism'))
}

/** Where a suspended job's pods will run, and what they get, may change while none runs. */
function checkTemplateUpdate(errors: FieldError[], { template = {} }: JobSpec, old: Job): void {
  const before = old.spec?.template ?? {}
  const isStill = old.status?.startTime === undefined || isSuspended(old)
  const isSuspendedJob = old.spec?.suspend === true
  if (!(isSuspendedJob && isStill && (old.status?.active ?? 0) === 0)) {
    if (semanticallyEqual(template, before)) return
    errors.push(fieldInvalid(templatePath, internalForm('PodTemplateSpec', template), FIELD_IS_IMMUTABLE))
    return
  }
  const allowed = withResources(withPlacement(before.spec ?? {}, template), template)
  if (semanticallyEqual(template.spec, allowed)) return
  errors.push(fieldInvalid(specPath.child('template.spec'), internalForm('PodSpec', template.spec), FIELD_IS_IMMUTABLE))
}

const isSuspended = ({ status = {} }: Job): boolean =>
  (status.conditions ?? []).some((condition) => condition.type === 'Suspended' && condition.status === 'True')

function withPlacement(old: PodSpec, { spec = {} }: PodTemplateSpec): PodSpec {
  const { affinity: before, nodeSelector: _node, tolerations: _tolerations, schedulingGates: _gates, ...rest } = old
  const { affinity, nodeSelector, tolerations, schedulingGates } = spec
  const { nodeAffinity: _placement, ...others } = before ?? {}
  const isGone = affinity === undefined && Object.keys(others).length === 0
  const wanted = affinity?.nodeAffinity
  return {
    ...rest,
    ...(nodeSelector !== undefined && { nodeSelector }),
    ...(tolerations !== undefined && { tolerations }),
    ...(schedulingGates !== undefined && { schedulingGates }),
    ...(!isGone && { affinity: { ...others, ...(wanted !== undefined && { nodeAffinity: wanted }) } }),
  }
}

function withResources(old: PodSpec, { spec = {} }: PodTemplateSpec): PodSpec {
  const next: PodSpec = { ...old }
  for (const list of ['containers', 'initContainers'] as const) {
    const before = old[list] ?? []
    const wanted = spec[list] ?? []
    if (before.length !== wanted.length || before.length === 0) continue
    next[list] = before.map((container, index) => {
      const { name, resources } = wanted[index] ?? {}
      if (container.name !== name) return container
      const { resources: _old, ...rest } = container
      return resources === undefined ? rest : { ...rest, resources }
    })
  }
  return next
}
