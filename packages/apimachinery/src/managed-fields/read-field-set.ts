// A client's fieldsV1, brought into the one form in which sets are compared.
import { isJsonObject } from '../json-tree.ts'
import { type FieldSet, type FieldSetBuilder, LEAF, nodeOf, sorted } from '../structured-merge/field-set.ts'
import { canonicalElement } from '../structured-merge/path-element.ts'
import type { JsonValue } from '../types.ts'
import { ManagedFieldsError } from './entries.ts'

/** ManagedFieldsError for what is no set. Elements of unknown kinds are dropped. */
export function readFieldSet(value: JsonValue | undefined): FieldSet {
  if (value === undefined || value === null) return LEAF
  return sorted(read(value).children ?? LEAF)
}

interface Node {
  readonly member: boolean
  readonly children: FieldSet | undefined
}

function read(value: JsonValue): Node {
  if (value === null) return { member: true, children: undefined }
  if (!isJsonObject(value)) throw new ManagedFieldsError(`error decoding set: expect { or n, but found ${typeof value}`)
  let children: FieldSetBuilder | undefined
  let member = false
  for (const [text, below] of Object.entries(value)) {
    if (text === '.') {
      member = true
      continue
    }
    const element = elementOf(text)
    if (element === undefined) continue
    const inside = read(below)
    const node = nodeOf(inside.member, inside.children)
    if (node !== undefined) (children ??= {})[element] = node
  }
  return { member: member || children === undefined, children }
}

function elementOf(text: string): string | undefined {
  try {
    return canonicalElement(text)
  } catch (error) {
    if (error instanceof SyntaxError) throw new ManagedFieldsError(`error decoding set: ${error.message}`)
    throw error
  }
}
