// What a schema says of numbers. A limit that does not fit the schema's own type is an error of each number.
import type { JsonSchema } from './json-schema.ts'
import { fitsFloat32, fitsInteger, goFloat } from './go-number.ts'
import { type ValueError, ValueResult, generalError, invalidAs, shouldBe } from './value-result.ts'

const INTEGER_FORMATS = new Set(['int32', 'int64'])

export function numberResult(schema: JsonSchema, value: number, path: string): ValueResult {
  const result = new ValueResult()
  const outOfRange = rangeCheck(schema, path)
  addRange(result, outOfRange(value, 'Checked'))
  const { multipleOf, minimum, maximum } = schema
  const isWhole = Number.isInteger(value)
  /** Whole numbers are compared with whole limits. */
  const limitFor = (limit: number, problem: string | undefined): number =>
    isWhole && problem === undefined ? Math.trunc(limit) : limit
  if (multipleOf !== undefined) {
    const problem = outOfRange(multipleOf, 'MultipleOf')
    addRange(result, problem)
    const error = multipleError(value, limitFor(multipleOf, problem), path)
    if (error !== undefined) result.add(error)
  }
  if (minimum !== undefined) {
    const problem = outOfRange(minimum, 'Minimum boundary')
    addRange(result, problem)
    const limit = limitFor(minimum, problem)
    const isExclusive = schema.exclusiveMinimum === true
    if (isExclusive ? value <= limit : value < limit)
      result.add(shouldBe(path, value, `should be greater than ${isExclusive ? '' : 'or equal to '}${goFloat(limit)}`))
  }
  if (maximum !== undefined) {
    const problem = outOfRange(maximum, 'Maximum boundary')
    addRange(result, problem)
    const limit = limitFor(maximum, problem)
    const isExclusive = schema.exclusiveMaximum === true
    if (isExclusive ? value >= limit : value > limit)
      result.add(shouldBe(path, value, `should be less than ${isExclusive ? '' : 'or equal to '}${goFloat(limit)}`))
  }
  result.matches++
  return result
}

function addRange(result: ValueResult, problem: string | undefined): void {
  if (problem !== undefined) result.add(generalError(problem))
}

function rangeCheck({ type, format = '' }: JsonSchema, path: string) {
  return (value: number, what: string): string | undefined => {
    if (type === 'integer') {
      const known = INTEGER_FORMATS.has(format) ? format : ''
      if (fitsInteger(value, known === 'int32' ? 32 : 64)) return undefined
      const named = known === '' ? '(default format)' : `with format ${known}`
      return `${what} value must be of type integer ${named} in ${path}`
    }
    if (type !== 'number' || format !== 'float' || fitsFloat32(value)) return undefined
    return `${what} value must be of type number with format float in ${path}`
  }
}

function multipleError(value: number, factor: number, path: string): ValueError | undefined {
  if (factor <= 0)
    return invalidAs(path, factor, `factor MultipleOf declared for ${path} must be positive: ${goFloat(factor)}`)
  const isMultiple =
    Number.isInteger(value) && Number.isInteger(factor)
      ? value % factor === 0
      : isNearlyWhole(factor < 1 ? (1 / factor) * value : value / factor)
  return isMultiple ? undefined : shouldBe(path, value, `should be a multiple of ${goFloat(factor)}`)
}

const EPSILON = 1e-9

/** Upstream takes floats for integers that are within 1e-9 (relative) of the whole number below, and not beyond 2^53. */
export function isNearlyWhole(value: number): boolean {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return false
  const whole = Math.trunc(value)
  if (value === whole) return true
  return whole !== 0 && Math.abs(value - whole) / (Math.abs(value) + Math.abs(whole)) < EPSILON
}
