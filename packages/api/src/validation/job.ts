// What a Job's spec may say, on its own and in a CronJob.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldInvalidAltogether,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  fieldTooMany,
  goQuote,
  isQualifiedName,
} from '@keelson/apimachinery'
import type { JobSpec, PodFailureRule, SuccessRule } from '../kinds/batch/job-types.ts'
import { checkName, checkNotNegative } from './field-checks.ts'
import { checkDomainPath } from './ingress.ts'
import { countIndexes } from './job-indexes.ts'
import { checkPodTemplate } from './pod-template.ts'

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const
const MAX_MANAGER = 63
const MAX_INDEXED = 100_000
const MAX_MANY = 10_000
const MANY = `must be less than or equal to ${MAX_MANY} when completions are above ${MAX_INDEXED} and used with backoff limit per index`
const MAX_RULES = 20
const MAX_EXIT_CODES = 255
const MAX_INDEX_TEXT = 64 * 1024
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']
const valid = (values: readonly string[]): string => `valid values: [${values.map(goQuote).join(' ')}]`

export function checkJobSpec(errors: FieldError[], spec: JobSpec, path: FieldPath): void {
  for (const field of COUNTS) checkNotNegative(errors, spec[field], path, field)
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(fieldRequired(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'))
  if (spec.managedBy !== undefined) {
    checkDomainPath(errors, spec.managedBy, path.child('managedBy'))
    if (Buffer.byteLength(spec.managedBy) > MAX_MANAGER) errors.push(fieldTooLong(path.child('managedBy'), MAX_MANAGER))
  }
  checkMode(errors, spec, path)
  const { podFailurePolicy, successPolicy } = spec
  if (podFailurePolicy !== undefined) checkFailurePolicy(errors, spec, path.child('podFailurePolicy', 'rules'))
  if (successPolicy !== undefined) checkSuccessPolicy(errors, spec, path.child('successPolicy'))
  const replacement = spec.podReplacementPolicy
  const replacements = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed']
  if (replacement !== undefined && !replacements.includes(replacement))
    errors.push(fieldNotSupported(path.child('podReplacementPolicy'), replacement, replacements))
  checkPodTemplate(errors, spec.template ?? {}, path.child('template'))
  checkRestartPolicy(errors, spec, path.child('template', 'spec', 'restartPolicy'))
}

function checkRestartPolicy(errors: FieldError[], { template, podFailurePolicy }: JobSpec, path: FieldPath): void {
  const policy = template?.spec?.restartPolicy ?? ''
  if (policy === '' || policy === 'Always') {
    errors.push(fieldRequired(path, 'valid values: "OnFailure", "Never"'))
  } else if (!['OnFailure', 'Never'].includes(policy)) {
    errors.push(fieldNotSupported(path, policy, ['OnFailure', 'Never']))
  } else if (podFailurePolicy !== undefined && policy !== 'Never') {
    errors.push(fieldInvalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'))
  }
}

function checkMode(errors: FieldError[], spec: JobSpec, path: FieldPath): void {
  const { completionMode = 'NonIndexed', completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec
  const refuse = (field: 'parallelism' | 'maxFailedIndexes' | 'backoffLimitPerIndex', detail: string): void =>
    void errors.push(fieldInvalid(path.child(field), spec[field], detail))
  if (completionMode === 'NonIndexed') {
    if (backoffLimitPerIndex !== undefined) refuse('backoffLimitPerIndex', 'requires indexed completion mode')
    if (maxFailedIndexes !== undefined) refuse('maxFailedIndexes', 'requires indexed completion mode')
    return
  }
  if (completionMode !== 'Indexed') {
    errors.push(fieldNotSupported(path.child('completionMode'), completionMode, ['NonIndexed', 'Indexed']))
    return
  }
  if (completions === undefined)
    errors.push(fieldRequired(path.child('completions'), 'when completion mode is Indexed'))
  if (parallelism > MAX_INDEXED)
    refuse('parallelism', `must be less than or equal to ${MAX_INDEXED} when completion mode is Indexed`)
  if (completions !== undefined && (maxFailedIndexes ?? 0) > completions)
    refuse('maxFailedIndexes', 'must be less than or equal to completions')
  if ((maxFailedIndexes ?? 0) > MAX_INDEXED) refuse('maxFailedIndexes', `must be less than or equal to ${MAX_INDEXED}`)
  if ((completions ?? 0) <= MAX_INDEXED || backoffLimitPerIndex === undefined) return
  if (maxFailedIndexes === undefined)
    errors.push(
      fieldRequired(path.child('maxFailedIndexes'), `must be specified when completions is above ${MAX_INDEXED}`),
    )
  if (parallelism > MAX_MANY) refuse('parallelism', MANY)
  if ((maxFailedIndexes ?? 0) > MAX_MANY) refuse('maxFailedIndexes', MANY)
}

function checkFailurePolicy(errors: FieldError[], spec: JobSpec, path: FieldPath): void {
  const rules = spec.podFailurePolicy?.rules ?? []
  if (rules.length > MAX_RULES) errors.push(fieldTooMany(path, rules.length, MAX_RULES))
  const { containers, initContainers } = spec.template?.spec ?? {}
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name))
  for (const [index, rule] of rules.entries()) checkFailureRule(errors, rule, spec, names, path.index(index))
}

function checkFailureRule(
  errors: FieldError[],
  { action = '', onExitCodes, onPodConditions = [] }: PodFailureRule,
  spec: JobSpec,
  containers: ReadonlySet<string | undefined>,
  path: FieldPath,
): void {
  if (action === '') errors.push(fieldRequired(path.child('action'), valid(ACTIONS)))
  else if (!ACTIONS.includes(action)) errors.push(fieldNotSupported(path.child('action'), action, ACTIONS))
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(fieldInvalid(path.child('action'), action, 'requires the backoffLimitPerIndex to be set'))
  if (onExitCodes !== undefined) checkExitCodes(errors, onExitCodes, containers, path.child('onExitCodes'))
  const conditionsPath = path.child('onPodConditions')
  if (onPodConditions.length > MAX_RULES) errors.push(fieldTooMany(conditionsPath, onPodConditions.length, MAX_RULES))
  for (const [index, { type = '', status = '' }] of onPodConditions.entries()) {
    const at = conditionsPath.index(index)
    checkName(errors, at.child('type'), type, isQualifiedName)
    if (status === '') errors.push(fieldRequired(at.child('status'), valid(STATUSES)))
    else if (!STATUSES.includes(status)) errors.push(fieldNotSupported(at.child('status'), status, STATUSES))
  }
  if (onExitCodes !== undefined && onPodConditions.length > 0)
    errors.push(fieldInvalidAltogether(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (onExitCodes === undefined && onPodConditions.length === 0)
    errors.push(fieldInvalidAltogether(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
}

function checkExitCodes(
  errors: FieldError[],
  { containerName, operator = '', values }: NonNullable<PodFailureRule['onExitCodes']>,
  containers: ReadonlySet<string | undefined>,
  path: FieldPath,
): void {
  if (operator === '') errors.push(fieldRequired(path.child('operator'), valid(OPERATORS)))
  else if (!OPERATORS.includes(operator)) errors.push(fieldNotSupported(path.child('operator'), operator, OPERATORS))
  if (containerName !== undefined && !containers.has(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template'
    errors.push(fieldInvalid(path.child('containerName'), containerName, detail))
  }
  const valuesPath = path.child('values')
  const codes = values ?? []
  if (codes.length === 0) errors.push(fieldInvalid(valuesPath, values, 'at least one value is required'))
  else if (codes.length > MAX_EXIT_CODES) errors.push(fieldTooMany(valuesPath, codes.length, MAX_EXIT_CODES))
  let isOrdered = true
  const seen = new Set<number>()
  for (const [index, code] of codes.entries()) {
    const at = valuesPath.index(index)
    if (operator === 'In' && code === 0) errors.push(fieldInvalid(at, code, 'must not be 0 for the In operator'))
    if (code < (codes[index - 1] ?? code)) isOrdered = false
    if (seen.has(code)) errors.push(fieldDuplicate(at, code))
    seen.add(code)
  }
  if (!isOrdered) errors.push(fieldInvalid(valuesPath, codes, 'must be ordered'))
}

function checkSuccessPolicy(errors: FieldError[], spec: JobSpec, path: FieldPath): void {
  const rules = spec.successPolicy?.rules ?? []
  if (spec.completionMode !== 'Indexed') {
    const shown = rules.map(({ succeededIndexes = null, succeededCount = null }) => ({
      SucceededIndexes: succeededIndexes,
      SucceededCount: succeededCount,
    }))
    errors.push(fieldInvalid(path, { Rules: shown }, 'requires indexed completion mode'))
    return
  }
  const rulesPath = path.child('rules')
  if (rules.length === 0) {
    errors.push(fieldRequired(rulesPath, 'at least one rules must be specified when the successPolicy is specified'))
  }
  if (rules.length > MAX_RULES) errors.push(fieldTooMany(rulesPath, rules.length, MAX_RULES))
  for (const [index, rule] of rules.entries())
    checkSuccessRule(errors, rule, spec.completions ?? 0, rulesPath.index(index))
}

function checkSuccessRule(
  errors: FieldError[],
  { succeededCount: count, succeededIndexes: indexes }: SuccessRule,
  completions: number,
  path: FieldPath,
): void {
  if (count === undefined && indexes === undefined)
    errors.push(fieldRequired(path, 'at least one of succeededCount or succeededIndexes must be specified'))
  let total = 0
  if (indexes !== undefined) {
    const at = path.child('succeededIndexes')
    if (indexes.length > MAX_INDEX_TEXT) errors.push(fieldTooLong(at, MAX_INDEX_TEXT))
    const parsed = countIndexes(indexes, completions)
    if (typeof parsed === 'string') errors.push(fieldInvalid(at, indexes, `error parsing succeededIndexes: ${parsed}`))
    else total = parsed
  }
  if (count === undefined) return
  checkNotNegative(errors, count, path, 'succeededCount')
  const refuse = (limit: number, what: string): void =>
    void errors.push(
      fieldInvalid(
        path.child('succeededCount'),
        count,
        `must be less than or equal to ${limit} (the number of ${what})`,
      ),
    )
  if (count > completions) refuse(completions, 'specified completions')
  if (indexes !== undefined && count > total) refuse(total, 'indexes in the specified succeededIndexes field')
}
