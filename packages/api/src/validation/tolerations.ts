// Taints of nodes, and the tolerations of pods that answer them.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  goQuote,
  isLabelValue,
  isQualifiedName,
} from '@keelson/apimachinery'
import type { Toleration } from '../kinds/core/pod-types.ts'
import { checkName } from './field-checks.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export interface Taint {
  key?: string
  value?: string
  effect?: string
  timeAdded?: string
}

export function checkTolerations(errors: FieldError[], tolerations: readonly Toleration[], path: FieldPath): void {
  for (let index = 0; index < tolerations.length; index++) {
    const { key, operator = '', value = '', effect, tolerationSeconds } = tolerations[index] ?? {}
    const at = path.index(index)
    if (key) checkName(errors, at.child('key'), key, isQualifiedName)
    else if (operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(fieldInvalid(at.child('operator'), operator, detail))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(
        fieldInvalid(at.child('effect'), effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      )
    }
    checkOperator(errors, operator, value, at)
    if (effect && !EFFECTS.includes(effect)) errors.push(fieldNotSupported(at.child('effect'), effect, EFFECTS))
  }
}

function checkOperator(errors: FieldError[], operator: string, value: string, path: FieldPath): void {
  const at = path.child('operator')
  switch (operator) {
    case '':
    case 'Equal': {
      const messages = isLabelValue(value)
      if (messages.length > 0) errors.push(fieldInvalid(at, value, messages.join(';')))
      return
    }
    case 'Exists':
      if (value !== '') errors.push(fieldInvalid(at, value, "value must be empty when `operator` is 'Exists'"))
      return
    case 'Lt':
    case 'Gt':
      // Comparisons are behind a gate that is off.
      errors.push(fieldNotSupported(at, operator, ['Equal', 'Exists', 'Lt', 'Gt']))
      return
    default:
      errors.push(fieldNotSupported(at, operator, ['Equal', 'Exists']))
  }
}

/** After creation tolerations can only be added, and tolerated for another time. */
export function checkOnlyAddedTolerations(
  errors: FieldError[],
  next: readonly Toleration[],
  old: readonly Toleration[],
  path: FieldPath,
): void {
  const without = (toleration: Toleration): string =>
    [toleration.key, toleration.operator, toleration.value, toleration.effect].map((text = '') => goQuote(text)).join()
  const now = new Set(next.map(without))
  if (old.every((toleration) => now.has(without(toleration)))) return checkTolerations(errors, next, path)
  errors.push(fieldForbidden(path, 'existing toleration can not be modified except its tolerationSeconds'))
}

export function checkTaints(errors: FieldError[], taints: readonly Taint[], path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, { key = '', value = '', effect = '', timeAdded }] of taints.entries()) {
    const at = path.index(index)
    checkName(errors, at.child('key'), key, isQualifiedName)
    const messages = isLabelValue(value)
    if (messages.length > 0) errors.push(fieldInvalid(at.child('value'), value, messages.join(';')))
    if (effect === '') errors.push(fieldRequired(at.child('effect'), ''))
    else if (!EFFECTS.includes(effect)) errors.push(fieldNotSupported(at.child('effect'), effect, EFFECTS))
    const pair = `${effect}/${key}`
    if (seen.has(pair)) {
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null }
      errors.push({ ...fieldDuplicate(at, shown), detail: 'taints must be unique by key and effect pair' })
    }
    seen.add(pair)
  }
}
