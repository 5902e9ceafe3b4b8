// The rules of a kind, written for its stored version, on objects of another one: converted, ruled, converted back.
import type { KindStrategy } from '@keelson/api'
import type { KubeObject } from '@keelson/apimachinery'
import type { Conversion } from './version-view.ts'

export function convertedStrategy(strategy: KindStrategy, { fromStored, toStored }: Conversion): KindStrategy {
  /** Runs a rule that changes an object in place. */
  const inPlace = (object: KubeObject, rule: (stored: KubeObject) => void): void => {
    const stored = toStored(object)
    rule(stored)
    const ruled = fromStored(stored)
    for (const field in object) if (!(field in ruled)) delete object[field]
    Object.assign(object, ruled)
  }
  const converted: Partial<{ -readonly [Member in keyof KindStrategy]: KindStrategy[Member] }> = { ...strategy }
  const { row, validate, validateUpdate, validateStatusUpdate, warnings, selectableFields } = strategy
  if (strategy.default) converted.default = (object) => inPlace(object, (stored) => strategy.default?.(stored))
  if (strategy.prepareForCreate) {
    converted.prepareForCreate = (object, context) =>
      inPlace(object, (stored) => strategy.prepareForCreate?.(stored, context))
  }
  if (strategy.prepareForUpdate) {
    converted.prepareForUpdate = (next, old, context) =>
      inPlace(next, (stored) => strategy.prepareForUpdate?.(stored, toStored(old), context))
  }
  if (strategy.prepareForStatusUpdate) {
    converted.prepareForStatusUpdate = (next, old, context) =>
      inPlace(next, (stored) => strategy.prepareForStatusUpdate?.(stored, toStored(old), context))
  }
  if (validate) converted.validate = (object) => validate(toStored(object))
  if (validateUpdate) converted.validateUpdate = (next, old) => validateUpdate(toStored(next), toStored(old))
  if (validateStatusUpdate) {
    converted.validateStatusUpdate = (next, old) => validateStatusUpdate(toStored(next), toStored(old))
  }
  if (warnings) converted.warnings = (next, old) => warnings(toStored(next), old && toStored(old))
  if (selectableFields) converted.selectableFields = (object) => selectableFields(toStored(object))
  if (row) converted.row = (object, now) => row(toStored(object), now)
  return converted
}
