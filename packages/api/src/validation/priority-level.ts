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
import type { LevelShares, LimitedLevel, PriorityLevel, Queuing } from '../kinds/flowcontrol/priority-level-types.ts'

const specPath = rootPath.child('spec')
const EXEMPT = 'exempt'
const RESPONSES = ['Queue', 'Reject']
/** A hand of queues is dealt from a hash of this many bits. */
const HASH_BITS = 60

export function validatePriorityLevel({ metadata, spec = {} }: PriorityLevel): FieldError[] {
  const errors: FieldError[] = []
  const { type = '', limited, exempt } = spec
  const typePath = specPath.child('type')
  if ((metadata.name === EXEMPT) !== (type === 'Exempt'))
    errors.push(fieldInvalid(typePath, type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  if (type === 'Exempt') {
    if (limited !== undefined)
      errors.push(fieldForbidden(specPath.child('limited'), 'must be nil if the type is not Limited'))
    if (exempt !== undefined) checkShares(errors, exempt, specPath.child('exempt'))
  } else if (type === 'Limited') {
    if (exempt !== undefined)
      errors.push(fieldForbidden(specPath.child('exempt'), 'must be nil if the type is Limited'))
    const path = specPath.child('limited')
    if (limited === undefined) errors.push(fieldRequired(path, 'must not be empty when type is Limited'))
    else checkLimited(errors, limited, path)
  } else errors.push(fieldNotSupported(typePath, type, ['Exempt', 'Limited']))
  return errors
}

function checkShares(
  errors: FieldError[],
  { nominalConcurrencyShares, lendablePercent }: LevelShares,
  path: FieldPath,
): void {
  const shares = nominalConcurrencyShares ?? 0
  const percent = lendablePercent ?? 0
  if (shares < 0)
    errors.push(fieldInvalid(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer'))
  if (percent < 0 || percent > 100)
    errors.push(fieldInvalid(path.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive'))
}

function checkLimited(errors: FieldError[], limited: LimitedLevel, path: FieldPath): void {
  checkShares(errors, limited, path)
  const { borrowingLimitPercent, limitResponse = {} } = limited
  if ((borrowingLimitPercent ?? 0) < 0) {
    const at = path.child('borrowingLimitPercent')
    errors.push(fieldInvalid(at, borrowingLimitPercent, 'if specified, must be a non-negative integer'))
  }
  const { type = '', queuing } = limitResponse
  const responsePath = path.child('limitResponse')
  const queuingPath = responsePath.child('queuing')
  if (!RESPONSES.includes(type)) errors.push(fieldNotSupported(responsePath.child('type'), type, RESPONSES))
  else if (type === 'Reject') {
    if (queuing !== undefined)
      errors.push(fieldForbidden(queuingPath, 'must be nil if limited.limitResponse.type is not Limited'))
  } else if (queuing === undefined) {
    errors.push(fieldRequired(queuingPath, 'must not be empty if limited.limitResponse.type is Limited'))
  } else checkQueuing(errors, queuing, queuingPath)
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
  if (handSize <= 0) refuse('handSize', handSize, 'must be positive')
  else if (handSize > queues) refuse('handSize', handSize, `should not be greater than queues (${queues})`)
  else if (Math.ceil(Math.log2(queues) * handSize) > HASH_BITS) {
    const bits = `required entropy bits of deckSize ${queues} and handSize ${handSize}`
    refuse('handSize', handSize, `${bits} should not be greater than ${HASH_BITS}`)
  }
}
