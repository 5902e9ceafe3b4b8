// What a Job's status may say, and how it may change: clients rely on a finished job to stay finished. What did not change is not
// judged again, because a change of the spec may have made it wrong.
import {
  type FieldError,
  fieldDuplicate,
  fieldInvalid,
  fieldInvalidAltogether,
  fieldRequired,
  rootPath,
} from '@keelson/apimachinery'
import type { Job, JobSpec, JobStatus } from '../kinds/batch/job-types.ts'
import { checkNotNegative, semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { countIndexes, overlapOf } from './job-indexes.ts'

const path = rootPath.child('status')
const conditionsPath = path.child('conditions')
const TERMINAL = ['Failed', 'Complete', 'FailureTarget'] as const

type ConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended'
type Changed = (...fields: readonly (keyof JobStatus)[]) => boolean

/** One side of an update. */
interface State {
  readonly status: JobStatus
  is(condition: ConditionType): boolean
  readonly isFinished: boolean
}

export function validateJobStatus(next: Job, old: Job): FieldError[] {
  const errors: FieldError[] = []
  const [state, before] = [stateOf(next), stateOf(old)]
  const { spec = {} } = next
  const changed: Changed = (...fields) =>
    fields.some((field) => !semanticallyEqual(state.status[field], before.status[field]))
  checkCounts(errors, state.status)
  checkConditions(errors, state, before)
  checkCompletionTime(errors, state, before, changed)
  checkTargets(errors, state, before, changed)
  checkFinished(errors, spec, state, before, changed)
  checkIndexes(errors, spec, state.status, changed)
  const { active = 0, ready, terminating = 0 } = state.status
  if ((state.isFinished !== before.isFinished || changed('terminating')) && terminating > 0 && state.isFinished)
    errors.push(fieldInvalid(path.child('terminating'), terminating, 'terminating>0 is invalid for finished job'))
  if (changed('ready', 'active') && ready !== undefined && ready > active)
    errors.push(fieldInvalid(path.child('ready'), ready, 'cannot set more ready pods than active'))
  checkSuccess(errors, spec, state)
  checkTransition(errors, spec, state, before)
  return errors
}

function stateOf({ status = {} }: Job): State {
  const is = (wanted: ConditionType): boolean =>
    (status.conditions ?? []).some((condition) => condition.type === wanted && condition.status === 'True')
  return { status, is, isFinished: is('Complete') || is('Failed') }
}

const refuse = (errors: FieldError[], detail: string): void =>
  void errors.push(fieldInvalidAltogether(conditionsPath, detail))

function checkCounts(errors: FieldError[], status: JobStatus): void {
  for (const name of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const)
    checkNotNegative(errors, status[name], path, name)
  const seen = new Set<string>()
  for (const list of ['succeeded', 'failed'] as const) {
    for (const [index, uid] of (status.uncountedTerminatedPods?.[list] ?? []).entries()) {
      const at = path.child('uncountedTerminatedPods', list).index(index)
      if (uid === '') errors.push(fieldInvalid(at, uid, 'must not be empty'))
      else if (seen.has(uid)) errors.push(fieldDuplicate(at, uid))
      seen.add(uid)
    }
  }
}

/** A job does not succeed and fail. */
function checkConditions(errors: FieldError[], state: State, before: State): void {
  const isCompleteChanged = state.is('Complete') !== before.is('Complete')
  if ((isCompleteChanged || state.is('Failed') !== before.is('Failed')) && state.is('Complete') && state.is('Failed'))
    refuse(errors, 'cannot set Complete=True and Failed=true conditions')
  if (
    (isCompleteChanged || state.is('FailureTarget') !== before.is('FailureTarget')) &&
    state.is('Complete') &&
    state.is('FailureTarget')
  )
    refuse(errors, 'cannot set Complete=True and FailureTarget=true conditions')
}

function checkCompletionTime(errors: FieldError[], state: State, before: State, changed: Changed): void {
  const { completionTime, startTime } = state.status
  const at = path.child('completionTime')
  if (state.is('Complete') !== before.is('Complete') || changed('completionTime')) {
    if (completionTime !== undefined && !state.is('Complete')) {
      const detail = 'cannot set completionTime when there is no Complete=True condition'
      errors.push(fieldInvalid(at, completionTime, detail))
    }
    if (completionTime === undefined && state.is('Complete'))
      errors.push(fieldRequired(at, 'completionTime is required for Complete jobs'))
  }
  if (completionTime === undefined || startTime === undefined || !changed('startTime', 'completionTime')) return
  if (Date.parse(completionTime) < Date.parse(startTime))
    errors.push(fieldInvalid(at, completionTime, 'must be equal to or after `startTime`'))
}

/** Before a job ends, a condition says how it will. */
function checkTargets(errors: FieldError[], state: State, before: State, changed: Changed): void {
  const isFailedChanged = state.is('Failed') !== before.is('Failed')
  if ((isFailedChanged || changed('failedIndexes')) && state.is('Failed') && !state.is('FailureTarget'))
    refuse(errors, 'cannot set Failed=True condition without the FailureTarget=true condition')
  const isSuccessChanged =
    state.is('Complete') !== before.is('Complete') || state.is('SuccessCriteriaMet') !== before.is('SuccessCriteriaMet')
  if (isSuccessChanged && state.is('Complete') && !state.is('SuccessCriteriaMet'))
    refuse(errors, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition')
}

function checkFinished(errors: FieldError[], spec: JobSpec, state: State, before: State, changed: Changed): void {
  if (!state.isFinished) return
  const isNew = !before.isFinished
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = state.status
  if ((isNew || changed('active')) && active > 0)
    errors.push(fieldInvalid(path.child('active'), active, 'active>0 is invalid for finished job'))
  const neverStarts = spec.suspend === true && spec.completions === 0
  if ((isNew || changed('startTime')) && !neverStarts && startTime === undefined)
    errors.push(fieldRequired(path.child('startTime'), 'startTime is required for finished job'))
  if (!isNew && !changed('uncountedTerminatedPods')) return
  if ((uncounted?.failed ?? []).length + (uncounted?.succeeded ?? []).length > 0) {
    const shown = internalForm('batch.UncountedTerminatedPods', uncounted)
    errors.push(fieldInvalid(path.child('uncountedTerminatedPods'), shown, 'must be empty for finished job'))
  }
}

function checkIndexes(errors: FieldError[], spec: JobSpec, status: JobStatus, changed: Changed): void {
  const { completions, backoffLimitPerIndex, completionMode } = spec
  const { completedIndexes = '', failedIndexes } = status
  const completedPath = path.child('completedIndexes')
  const failedPath = path.child('failedIndexes')
  if (completions !== undefined && changed('completedIndexes')) {
    const count = countIndexes(completedIndexes, completions)
    if (typeof count === 'string')
      errors.push(fieldInvalid(completedPath, completedIndexes, `error parsing completedIndexes: ${count}`))
  }
  if (completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined) {
    const count = changed('failedIndexes') ? countIndexes(failedIndexes, completions) : 0
    if (typeof count === 'string')
      errors.push(fieldInvalid(failedPath, failedIndexes, `error parsing failedIndexes: ${count}`))
  }
  if (changed('completedIndexes') && completedIndexes !== '' && completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(fieldInvalid(completedPath, completedIndexes, detail))
  }
  if (failedIndexes === undefined) return
  if (changed('failedIndexes') && backoffLimitPerIndex === undefined) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    errors.push(fieldInvalid(failedPath, failedIndexes, detail))
  }
  if (completions === undefined || !changed('failedIndexes', 'completedIndexes')) return
  const overlap = overlapOf(completedIndexes, failedIndexes, completions)
  if (overlap !== undefined) errors.push(fieldInvalid(failedPath, failedIndexes, overlap))
}

function checkSuccess(errors: FieldError[], { successPolicy }: JobSpec, state: State): void {
  const isMet = state.is('SuccessCriteriaMet')
  if (isMet && state.is('Failed')) refuse(errors, 'cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (isMet && state.is('FailureTarget'))
    refuse(errors, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  if (successPolicy !== undefined && !isMet && state.is('Complete'))
    refuse(errors, 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')
}

/** What ended has ended, and counters only grow. */
function checkTransition(errors: FieldError[], spec: JobSpec, state: State, before: State): void {
  for (const condition of TERMINAL) {
    if (before.is(condition) && !state.is(condition))
      refuse(errors, `cannot disable the terminal ${condition}=True condition`)
  }
  const { failed = 0, succeeded = 0, completionTime, startTime } = state.status
  const old = before.status
  if (failed < (old.failed ?? 0))
    errors.push(fieldInvalid(path.child('failed'), failed, 'cannot decrease the failed counter'))
  // An indexed job may be scaled down.
  const mayShrink = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  if (!mayShrink && succeeded < (old.succeeded ?? 0))
    errors.push(fieldInvalid(path.child('succeeded'), succeeded, 'cannot decrease the succeeded counter'))
  if (completionTime !== undefined && old.completionTime !== undefined && completionTime !== old.completionTime)
    errors.push(fieldInvalid(path.child('completionTime'), completionTime, 'field is immutable'))
  const isSuspendedFalse = (state.status.conditions ?? []).some(
    (condition) => condition.type === 'Suspended' && condition.status === 'False',
  )
  const isResuming = before.is('Suspended') && isSuspendedFalse
  if (!isResuming && old.startTime !== undefined && startTime !== old.startTime && spec.suspend !== true) {
    const detail = 'field is immutable for unsuspended job once set'
    errors.push(fieldInvalid(path.child('startTime'), startTime, detail))
  }
  if (before.is('SuccessCriteriaMet') && !state.is('SuccessCriteriaMet'))
    refuse(errors, 'cannot disable the SuccessCriteriaMet=True condition')
  if (before.is('Complete') && !before.is('SuccessCriteriaMet') && state.is('SuccessCriteriaMet'))
    refuse(errors, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')
}
