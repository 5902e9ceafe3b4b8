// Values by JSON schemas, as the validator does that upstream uses (kube-openapi): the same rules, words and order, and its ways
// with formats of numbers, nulls and alternatives.
import {
  type FieldError,
  type FieldPath,
  type JsonObject,
  type JsonValue,
  equalJson,
  goQuote,
  goValue,
  isJsonObject,
} from '@keelson/apimachinery'
import { isKnownFormat, keepsFormat } from './formats.ts'
import { goRegexp } from './go-regexp.ts'
import type { JsonSchema } from './json-schema.ts'
import { isNearlyWhole, numberResult } from './number-rules.ts'
import {
  type ValueError,
  ValueResult,
  generalError,
  invalidAs,
  missing,
  notInEnum,
  shouldBe,
  tooLong,
  tooManyItems,
  tooManyProperties,
  wrongType,
} from './value-result.ts'

export function valueErrors(schema: JsonSchema, value: JsonValue, path: FieldPath): FieldError[] {
  return check(schema, value, '').errors.map((error) => error.toFieldError(path))
}

function check(schema: JsonSchema, value: JsonValue, path: string): ValueResult {
  const result = new ValueResult()
  if (value === null) {
    const error = nullError(schema, path)
    if (error === undefined) result.matches++
    addOptional(result, error)
    addOptional(result, enumError(schema, value, path))
    return result
  }
  if (schema.type || schema.format) {
    const error = typeError(schema, value, path)
    if (error === undefined) result.matches++
    addOptional(result, error)
    result.matches++
  }
  result.merge(checkAlternatives(schema, value, path))
  result.matches++
  checkContent(result, schema, value, path)
  result.matches++
  return result
}

function checkContent(result: ValueResult, schema: JsonSchema, value: JsonValue, path: string): void {
  const checkEnum = (): void => {
    addOptional(result, enumError(schema, value, path))
    result.matches++
  }
  if (typeof value === 'string') {
    addOptional(result, stringError(schema, value, path))
    result.matches++
    const { format = '' } = schema
    if (isKnownFormat(format)) {
      if (!keepsFormat(format, value)) result.add(wrongType(path, format, value))
      result.matches++
    }
    checkEnum()
  } else if (typeof value === 'number') {
    result.merge(numberResult(schema, value, path))
    result.matches++
    checkEnum()
  } else if (Array.isArray(value)) {
    result.merge(checkItems(schema, value, path))
    result.matches++
    checkEnum()
  } else {
    checkEnum()
    if (isJsonObject(value)) {
      result.merge(checkMembers(schema, value, path))
      result.matches++
    }
  }
}

function addOptional(result: ValueResult, error: ValueError | undefined): void {
  if (error !== undefined) result.add(error)
}

/** What Go calls the type of a value of JSON, and its format. */
function goTypeOf(value: JsonValue): readonly [type: string, format: string] {
  if (Array.isArray(value)) return ['array', '']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'int64'] : ['number', 'float64']
  return [typeof value, '']
}

const nullError = ({ type, nullable }: JsonSchema, path: string): ValueError | undefined =>
  type && type !== 'null' && nullable !== true ? wrongType(path, type, 'null') : undefined

function typeError({ type = '', format = '' }: JsonSchema, value: JsonValue, path: string): ValueError | undefined {
  const [found, foundFormat] = goTypeOf(value)
  const isWholeFloat = found === 'number' && type === 'integer' && isNearlyWhole(Number(value))
  const fits = type === found || isWholeFloat || (found === 'integer' && type === 'number')
  const isText = found === 'string' || found === 'array'
  if (!isText && format !== '' && !fits && foundFormat !== format) return wrongType(path, format, foundFormat)
  if (type !== 'number' && type !== 'integer' && format !== '' && isText) return undefined
  return fits ? undefined : wrongType(path, type, found)
}

function enumError({ enum: values = [] }: JsonSchema, value: JsonValue, path: string): ValueError | undefined {
  if (values.length === 0 || (value !== null && values.some((item) => isSame(item, value)))) return undefined
  return notInEnum(path, value, values, goValue(values))
}

/** Go converts the value to the type of the enum's: numbers lose their fractions where those are whole. */
function isSame(item: JsonValue, value: JsonValue): boolean {
  if (typeof item === 'number' && typeof value === 'number')
    return item === value || (Number.isInteger(item) && Math.trunc(value) === item)
  return equalJson(item, value)
}

function stringError(schema: JsonSchema, value: string, path: string): ValueError | undefined {
  const { maxLength, minLength, pattern = '' } = schema
  const length = maxLength === undefined && minLength === undefined ? 0 : countCharacters(value)
  if (maxLength !== undefined && length > maxLength) return tooLong(path, maxLength)
  if (minLength !== undefined && length < minLength)
    return shouldBe(path, value, `should be at least ${minLength} chars long`)
  if (pattern === '') return undefined
  const expression = goRegexp(pattern)
  if (typeof expression === 'string')
    return shouldBe(path, value, `should match '${pattern}, but pattern is invalid: ${expression}'`)
  return expression.matches(value) ? undefined : shouldBe(path, value, `should match '${pattern}'`)
}

function countCharacters(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) {
    count++
    if ((text.codePointAt(index) ?? 0) > 0xffff) index++
  }
  return count
}

function checkItems(schema: JsonSchema, values: JsonValue[], path: string): ValueResult {
  const result = new ValueResult()
  const { items, minItems, maxItems, uniqueItems } = schema
  if (items !== undefined) {
    for (const [index, value] of values.entries()) {
      const itemSchema = Array.isArray(items) ? items[index] : items
      if (itemSchema !== undefined) result.merge(check(itemSchema, value, `${path}[${index}]`))
    }
  }
  if (minItems !== undefined && values.length < minItems)
    result.add(shouldBe(path, values.length, `should have at least ${minItems} items`))
  if (maxItems !== undefined && values.length > maxItems) result.add(tooManyItems(path, values.length, maxItems))
  if (uniqueItems === true && new Set(values.map(goValueKey)).size < values.length)
    result.add(invalidAs(path, '', `${path} in body shouldn't contain duplicates`))
  result.matches++
  return result
}

const goValueKey = (value: JsonValue): string => `${typeof value} ${goValue(value)}`

function checkMembers(schema: JsonSchema, value: JsonObject, path: string): ValueResult {
  const result = new ValueResult()
  const { properties = {}, additionalProperties: others, required = [], minProperties, maxProperties } = schema
  const count = Object.keys(value).length
  if (minProperties !== undefined && count < minProperties)
    result.add(shouldBe(path, count, `should have at least ${minProperties} properties`))
  if (maxProperties !== undefined && count > maxProperties) result.add(tooManyProperties(path, count, maxProperties))
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(properties, name)) continue
    if (others === false) result.add(invalidAs(path, name, `${path}.${name} in body is a forbidden property`))
    else if (typeof others === 'object') result.merge(check(others, member, `${path}.${name}`))
  }
  for (const [name, property] of Object.entries(properties)) {
    const member = Object.hasOwn(value, name) ? value[name] : undefined
    if (member !== undefined) result.merge(check(property, member, path === '' ? name : `${path}.${name}`))
  }
  for (const name of required) if (!Object.hasOwn(value, name)) result.add(missing(`${path}.${name}`))
  return result
}

function checkAlternatives(schema: JsonSchema, value: JsonValue, path: string): ValueResult {
  const result = new ValueResult()
  const { anyOf = [], oneOf = [], allOf = [], not } = schema
  if (anyOf.length > 0) checkAnyOf(result, anyOf, value, path)
  if (oneOf.length > 0) checkOneOf(result, oneOf, value, path)
  if (allOf.length > 0) checkAllOf(result, allOf, value, path)
  if (not !== undefined && check(not, value, path).isValid)
    result.add(generalError(`${goQuote(path)} must not validate the schema (not)`))
  result.matches++
  return result
}

function checkAnyOf(result: ValueResult, schemas: JsonSchema[], value: JsonValue, path: string): void {
  let best: ValueResult | undefined
  for (const schema of schemas) {
    const found = check(schema, value, path)
    if (found.isValid) return result.merge(found)
    if (best === undefined || found.matches > best.matches) best = found
  }
  result.add(generalError(`${goQuote(path)} must validate at least one schema (anyOf)`))
  result.merge(best)
}

function checkOneOf(result: ValueResult, schemas: JsonSchema[], value: JsonValue, path: string): void {
  let valid = 0
  let first: ValueResult | undefined
  let best: ValueResult | undefined
  for (const schema of schemas) {
    const found = check(schema, value, path)
    if (found.isValid) {
      valid++
      first ??= found
      best = undefined
    } else if (valid === 0 && (best === undefined || found.matches > best.matches)) best = found
  }
  if (valid === 1) return result.merge(first)
  const count = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
  result.add(generalError(`${goQuote(path)} must validate one and only one schema (oneOf). ${count}`))
  result.merge(best)
}

function checkAllOf(result: ValueResult, schemas: JsonSchema[], value: JsonValue, path: string): void {
  let valid = 0
  for (const schema of schemas) {
    const found = check(schema, value, path)
    if (found.isValid) valid++
    result.merge(found)
  }
  if (valid < schemas.length)
    result.add(
      generalError(`${goQuote(path)} must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`),
    )
}
