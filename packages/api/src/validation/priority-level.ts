// What a PriorityLevelConfiguration may say.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  rootPath,
} from '@keelson/apimachinery'
import { checkFlowConditions, checkMandatorySpec } from './flow-control.ts'
import type { LevelShares, LimitedLevel, PriorityLevel, Queuing } from '../kinds/flowcontrol/priority-level-types.ts'

const specPath = rootPath.child('spec')
const EXEMPT = 'exempt'
const RESPONSES = ['Queue', 'Reject']
/** A hand of queues is dealt from a hash of this many bits. */
const HASH_BITS = 60
const MAX_QUEUES = 10_000_000

/** An annotation of an older version, which has become a field. */
const ZERO_SHARES = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'

export function validatePriorityLevel({ metadata, spec = {}, status }: PriorityLevel): FieldError[] {
  const errors: FieldError[] = []
  if (metadata.annotations?.[ZERO_SHARES] !== undefined)
    errors.push(fieldForbidden('metadata.annotations', `annotation '${ZERO_SHARES}' is forbidden`))
  const { type = '', limited, exempt } = spec
  const typePath = specPath.child('type')
  if ((metadata.name === EXEMPT) !== (type === 'Exempt'))
    errors.push(fieldInvalid(typePath, type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  if (type === 'Exempt') {
    if (limited !== undefined)
      errors.push(fieldForbidden(specPath.child('limited'), 'must be nil if the type is not Limited'))
    if (exempt !== undefined) checkExempt(errors, exempt, specPath.child('exempt'))
  } else if (type === 'Limited') {
    if (exempt !== undefined)
      errors.push(fieldForbidden(specPath.child('exempt'), 'must be nil if the type is Limited'))
    const path = specPath.child('limited')
    if (limited === undefined) errors.push(fieldRequired(path, 'must not be empty when type is Limited'))
    else checkLimited(errors, limited, path)
  } else if (type === '') errors.push(fieldRequired(typePath, ''))
  else errors.push(fieldNotSupported(typePath, type, ['Exempt', 'Limited']))
  const form = 'flowcontrol.PriorityLevelConfigurationSpec'
  const exception = metadata.name === EXEMPT ? 'exempt' : undefined
  checkMandatorySpec(errors, 'prioritylevelconfigurations', form, metadata.name, spec, exception)
  checkFlowConditions(errors, status?.conditions)
  return errors
}

const SHARES = 'nominalConcurrencyShares'

function checkShares(errors: FieldError[], shares: number | null | undefined, path: FieldPath): void {
  if ((shares ?? 0) < 0) errors.push(fieldInvalid(path.child(SHARES), shares, 'must be a non-negative integer'))
}

function checkLendable(errors: FieldError[], percent: number | undefined, path: FieldPath): void {
  if (percent !== undefined && (percent < 0 || percent > 100))
    errors.push(fieldInvalid(path.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive'))
}

function checkExempt(errors: FieldError[], exempt: LevelShares, path: FieldPath): void {
  checkShares(errors, exempt.nominalConcurrencyShares, path)
  checkLendable(errors, exempt.lendablePercent, path)
}

function checkLimited(errors: FieldError[], limited: LimitedLevel, path: FieldPath): void {
  checkShares(errors, limited.nominalConcurrencyShares, path)
  checkResponse(errors, limited.limitResponse ?? {}, path.child('limitResponse'))
  checkLendable(errors, limited.lendablePercent, path)
  const { borrowingLimitPercent } = limited
  if ((borrowingLimitPercent ?? 0) < 0) {
    const at = path.child('borrowingLimitPercent')
    errors.push(fieldInvalid(at, borrowingLimitPercent, 'if specified, must be a non-negative integer'))
  }
}

function checkResponse(
  errors: FieldError[],
  { type = '', queuing }: NonNullable<LimitedLevel['limitResponse']>,
  path: FieldPath,
): void {
  const at = path.child('queuing')
  if (type === '') errors.push(fieldRequired(path.child('type'), ''))
  else if (!RESPONSES.includes(type)) errors.push(fieldNotSupported(path.child('type'), type, RESPONSES))
  else if (type === 'Reject') {
    if (queuing !== undefined)
      errors.push(fieldForbidden(at, 'must be nil if limited.limitResponse.type is not Limited'))
  } else if (queuing === undefined) {
    errors.push(fieldRequired(at, 'must not be empty if limited.limitResponse.type is Limited'))
  } else checkQueuing(errors, queuing, at)
}

function checkQueuing(
  errors: FieldError[],
  { queues = 0, handSize = 0, queueLengthLimit = 0 }: Queuing,
  path: FieldPath,
): void {
  const refuse = (field: string, value: number, detail: string): void =>
    void errors.push(fieldInvalid(path.child(field), value, detail))
  if (queueLengthLimit <= 0) refuse('queueLengthLimit', queueLengthLimit, 'must be positive')
  if (queues <= 0) refuse('queues', queues, 'must be positive')
  else if (queues > MAX_QUEUES) refuse('queues', queues, `must not be greater than ${MAX_QUEUES}`)
  if (handSize <= 0) refuse('handSize', handSize, 'must be positive')
  else if (handSize > queues) refuse('handSize', handSize, `should not be greater than queues (${queues})`)
  else if (Math.ceil(Math.log2(queues) * handSize) > HASH_BITS) {
    const bits = `required entropy bits of deckSize ${queues} and handSize ${handSize}`
    refuse('handSize', handSize, `${bits} should not be greater than ${HASH_BITS}`)
  }
}
