// What is wrong with values that are written out: durations, times, regular expressions, lists and maps of several types,
// formats of texts.
import { parseDuration } from '@keelson/apimachinery'
import { canonicalTime, SECOND_TIME } from '../schema/go-time.ts'
import { DecodeAbort } from '../schema/context.ts'
import {
  type CallExpression,
  childrenOf,
  type Expression,
  type ListExpression,
  type MapExpression,
} from './expression.ts'
import { goRegexpProblem } from '../structural-schema/go-regexp.ts'
import { checkFormat } from './text-format.ts'
import type { Problems } from './source.ts'
import { DYN, first, formatType, isSameType, type Type } from './types.ts'

/** Seconds since 1970 of the years 1 to 9999. */
const MIN_SECONDS = -62_135_596_800n
const MAX_SECONDS = 253_402_300_799n

export function validate(expression: Expression, problems: Problems): void {
  visit(expression, false, problems)
}

/** `mayMix`: within the arguments of a text's format(), lists and maps may hold what they like. */
function visit(expression: Expression, mayMix: boolean, problems: Problems): void {
  const mix = mayMix || (expression.kind === 'call' && expression.name === 'format')
  for (const child of childrenOf(expression)) visit(child, mix, problems)
  if (expression.kind === 'list' && !mayMix) checkList(expression, problems)
  if (expression.kind === 'map' && !mayMix) checkMap(expression, problems)
  if (expression.kind === 'call') checkCall(expression, problems)
}

function checkCall(call: CallExpression, problems: Problems): void {
  const [argument] = call.args
  const check = LITERAL_CHECKS[call.name]
  if (check !== undefined && argument?.kind === 'literal' && !check(argument.literal))
    problems.add(argument.offset, `invalid ${call.name} argument`)
  if (call.name === 'format') checkFormat(call, problems)
}

type Literal = Extract<Expression, { kind: 'literal' }>['literal']

const LITERAL_CHECKS: Readonly<Record<string, ((literal: Literal) => boolean) | undefined>> = {
  // Nanoseconds as a number have the right type, but cel-go cannot convert them.
  duration: (literal) => literal.of === 'string' && parseDuration(literal.value) !== undefined,
  timestamp: (literal) => {
    if (literal.of === 'int') return literal.value >= MIN_SECONDS && literal.value <= MAX_SECONDS
    return literal.of !== 'string' || isTime(literal.value)
  },
  // Of the function matches(), that is the text and not the pattern: so does upstream.
  matches: (literal) => literal.of !== 'string' || goRegexpProblem(literal.value) === undefined,
}

function isTime(text: string): boolean {
  try {
    return !canonicalTime(text, SECOND_TIME).startsWith('0000')
  } catch (error) {
    if (error instanceof DecodeAbort) return false
    throw error
  }
}

const mismatch = (wanted: Type, found: Type): string =>
  `expected type '${formatType(wanted)}' but found '${formatType(found)}'`

/** The type of what is inside an optional element. */
const elementType = ({ type = DYN }: Expression, isOptional: boolean): Type => (isOptional ? first(type) : type)

function checkList({ elements, optional }: ListExpression, problems: Problems): void {
  let wanted: Type | undefined
  for (const [index, element] of elements.entries()) {
    const type = elementType(element, optional.has(index))
    wanted ??= type
    if (isSameType(wanted, type, false)) continue
    problems.add(element.offset, mismatch(wanted, type))
    return
  }
}

function checkMap({ entries }: MapExpression, problems: Problems): void {
  const [start] = entries
  if (start === undefined) return
  const keyType = elementType(start.key, false)
  const valueType = elementType(start.value, start.isOptional)
  for (const { key, value, isOptional } of entries) {
    const [keyFound, valueFound] = [elementType(key, false), elementType(value, isOptional)]
    if (!isSameType(keyType, keyFound, false)) problems.add(key.offset, mismatch(keyType, keyFound))
    if (!isSameType(valueType, valueFound, false)) problems.add(value.offset, mismatch(valueType, valueFound))
  }
}
