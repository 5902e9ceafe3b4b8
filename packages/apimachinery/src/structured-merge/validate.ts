// Whether a value is of a type: what an apply is asked before it is merged. The words are upstream's.
import { goValue } from '../go-text.ts'
import type { JsonObject, JsonValue } from '../types.ts'
import type { TypeProblem } from './errors.ts'
import { type FieldType, type ListType, type MapType, type ScalarType, shapeOf } from './field-type.ts'
import { ItemError, elementText, itemElement } from './path-element.ts'

/** Upstream has no limit; an answer with more lines than this helps nobody. */
const MAX_PROBLEMS = 100

/** All that is wrong, in the order of the value; items that are there twice are wrong unless `allowDuplicates`. */
export function validateValue(value: JsonValue, type: FieldType, allowDuplicates = false): TypeProblem[] {
  const problems: TypeProblem[] = []
  validate(value, type, '', { problems, allowDuplicates })
  return problems.slice(0, MAX_PROBLEMS)
}

interface Validation {
  readonly problems: TypeProblem[]
  readonly allowDuplicates: boolean
}

function validate(value: JsonValue, type: FieldType, path: string, validation: Validation): void {
  switch (shapeOf(type, value)) {
    case 'map':
      validateMap(value, type.map!, path, validation)
      break
    case 'list':
      validateList(value, type.list!, path, validation)
      break
    case 'scalar': {
      const message = scalarProblem(type.scalar!, value)
      if (message !== undefined) validation.problems.push({ path, message })
      break
    }
    case undefined:
      validation.problems.push({ path, message: 'schema error: invalid atom: inlined' })
  }
}

function scalarProblem(type: ScalarType, value: JsonValue): string | undefined {
  if (value === null) return undefined
  switch (type) {
    case 'numeric':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`
    case 'string':
      return typeof value === 'string' ? undefined : `expected string, got ${goSyntax(value)}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${goPrint(value)}`
    case 'untyped':
      return typeof value === 'object' ? `expected any scalar, got ${goPrint(value)}` : undefined
  }
}

/** `%T` of what Go decodes the value into. */
function goType(value: JsonValue): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** `%v` and `%#v` of upstream's wrapper around a value. */
const goPrint = (value: JsonValue): string => `&{${goValue(value)}}`
const goSyntax = (value: JsonValue): string => `&value.valueUnstructured{Value:${goLiteral(value)}}`

function goLiteral(value: JsonValue): string {
  if (value === null) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goLiteral).join(', ')}}`
  if (typeof value === 'object') {
    const members = Object.keys(value)
      .toSorted()
      .map((key) => `${JSON.stringify(key)}:${goLiteral(value[key] ?? null)}`)
    return `map[string]interface {}{${members.join(', ')}}`
  }
  return JSON.stringify(value)
}

function validateMap(value: JsonValue, map: MapType, path: string, validation: Validation): void {
  if (value === null) return
  if (typeof value !== 'object' || Array.isArray(value)) {
    validation.problems.push({ path, message: `expected map, got ${goPrint(value)}` })
    return
  }
  const members: JsonObject = value
  for (const key in members) {
    const member = members[key]
    if (member === undefined) continue
    const type = map.field(key)?.type ?? map.element
    if (type === undefined) {
      validation.problems.push({ path: `${path}.${key}`, message: 'field not declared in schema' })
      return
    }
    validate(member, type, `${path}.${key}`, validation)
  }
}

function validateList(value: JsonValue, list: ListType, path: string, validation: Validation): void {
  if (value === null) return
  if (!Array.isArray(value)) {
    validation.problems.push({ path, message: `expected list, got ${goPrint(value)}` })
    return
  }
  const seen = new Set<string>()
  for (const [index, item] of value.entries()) {
    const element = elementOf(list, item, index)
    if (element instanceof ItemError) {
      validation.problems.push({ path, message: `element ${index}: ${element.message}` })
      return
    }
    const text = elementText(element)
    if (seen.has(element) && !validation.allowDuplicates) {
      validation.problems.push({ path, message: `duplicate entries for key ${text}` })
    }
    seen.add(element)
    validate(item, list.element, path + text, validation)
  }
}

function elementOf(list: ListType, item: JsonValue, index: number): string | ItemError {
  if (list.atomic) return `i:${index}`
  try {
    return itemElement(list, item)
  } catch (error) {
    if (error instanceof ItemError) return error
    throw error
  }
}
