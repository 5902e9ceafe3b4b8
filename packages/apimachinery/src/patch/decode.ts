// The body of a PATCH: JSON of the right shape, with upstream's messages for what is not. The messages depend on
// fieldValidation because upstream decodes twice when it is to find duplicates.
import { DecodeError, type Decoded } from '../codec/decoded.ts'
import { decodeJson } from '../codec/json.ts'
import { jsonTypeName } from '../codec/messages.ts'
import { goQuote } from '../go-text.ts'
import { isJsonObject } from '../json-tree.ts'
import { type StatusError, badRequest } from '../status.ts'
import type { JsonValue } from '../types.ts'

export type JsonPatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'

/**
 * `strict`: fieldValidation is Warn or Strict; `duplicates` then has the texts of its warnings. The value is ready for the
 * type's apply function. StatusError 400.
 */
export function decodePatch(type: JsonPatchType, bytes: Uint8Array, strict: boolean): Decoded {
  switch (type) {
    case 'application/json-patch+json':
      return decodeOperations(bytes, strict)
    case 'application/merge-patch+json':
      return decodeMerge(bytes, strict)
    case 'application/strategic-merge-patch+json':
      return decodeStrategic(bytes, strict)
  }
}

function decode(bytes: Uint8Array, strict: boolean, problem: (message: string) => StatusError): Decoded {
  try {
    return decodeJson(bytes, { findDuplicates: strict })
  } catch (error) {
    if (error instanceof DecodeError) throw problem(error.message)
    throw error
  }
}

const decodingError = (message: string): StatusError => badRequest(`error decoding patch: ${message}`)

function decodeMerge(bytes: Uint8Array, strict: boolean): Decoded {
  const decoded = decode(bytes, strict, (message) =>
    strict ? decodingError(message) : badRequest('Invalid JSON Patch'),
  )
  const { value } = decoded
  if (strict && value !== null && !isJsonObject(value)) throw decodingError(notAMap(value))
  return decoded
}

function decodeStrategic(bytes: Uint8Array, strict: boolean): Decoded {
  const { value, duplicates } = decode(bytes, strict, badRequest)
  if (value === null) return { value: {}, duplicates }
  if (!isJsonObject(value)) throw badRequest(notAMap(value))
  return { value, duplicates }
}

const notAMap = (value: JsonValue): string =>
  `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type map[string]interface {}`

function decodeOperations(bytes: Uint8Array, strict: boolean): Decoded {
  const problem = strict ? decodingError : badRequest
  const { value, duplicates } = decode(bytes, strict, problem)
  if (value === null) return { value: [], duplicates }
  if (!Array.isArray(value)) {
    const type = strict ? '[]handlers.jsonPatchOp' : 'jsonpatch.Patch'
    throw problem(`json: cannot unmarshal ${jsonTypeName(value)} into Go value of type ${type}`)
  }
  const unknown: string[] = []
  value.forEach((operation, index) => {
    if (operation === null) return
    if (!isJsonObject(operation)) {
      const type = strict ? 'handlers.jsonPatchOp' : 'jsonpatch.Operation'
      throw problem(`json: cannot unmarshal ${jsonTypeName(operation)} into Go value of type ${type}`)
    }
    if (!strict) return
    for (const [name, member] of Object.entries(operation)) {
      if (!isOperationMember(name)) unknown.push(`unknown field ${goQuote(`[${index}].${name}`)}`)
      else if (name !== 'value' && member !== null && typeof member !== 'string') {
        const found = jsonTypeName(member)
        throw problem(`json: cannot unmarshal ${found} into Go struct field jsonPatchOp.${name} of type string`)
      }
    }
  })
  return { value, duplicates: [...duplicates, ...unknown].slice(0, 100).map((text) => `json patch ${text}`) }
}

const isOperationMember = (name: string): boolean =>
  name === 'op' || name === 'path' || name === 'from' || name === 'value'
