// What can be wrong with a strategic merge patch. The malformed directives are the client's fault (400); upstream has no
// status for the others, and answers 500 with their bare message.
import { goValue } from '../go-text.ts'
import { type StatusError, badRequest, unclassifiedError } from '../status.ts'
import type { JsonObject, JsonValue } from '../types.ts'

export const badRetainKeysFormat = (): StatusError => badRequest('invalid patch format of retainKeys')
export const badPrimitiveListFormat = (): StatusError => badRequest('invalid patch format of primitive list')
export const badElementOrderFormat = (): StatusError => badRequest('invalid patch format of setElementOrder list')

export const noMergeKey = (item: JsonObject, mergeKey: string): StatusError =>
  unclassifiedError(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`)

export const unknownDirective = (directive: JsonValue, map: JsonObject): StatusError =>
  unclassifiedError(`unknown patch type: ${goValue(directive)} in map: ${goValue(map)}`)

export const badArgument = (expected: string, actual: JsonValue): StatusError =>
  unclassifiedError(`expected a ${expected}, but received a ${goTypeName(actual)}`)

function goTypeName(value: JsonValue): string {
  if (value === null) return '%!s(<nil>)'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}
