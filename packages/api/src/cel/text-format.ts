// `'%d of %s'.format([1, 'a'])`: whether the clauses are known, and fit what is given for them.
import type { CallExpression, Expression } from './expression.ts'
import type { Problems } from './source.ts'
import { DYN, type Type, type TypeKind } from './types.ts'

const STRING_KINDS: readonly TypeKind[] = [
  ...(['list', 'map', 'int', 'uint', 'double', 'bool'] as const),
  ...(['string', 'timestamp', 'bytes', 'duration', 'type', 'null'] as const),
]
const STRING_DETAIL =
  'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps'

interface Clause {
  readonly kinds: readonly TypeKind[]
  readonly detail: string
}

const HEX: Clause = {
  kinds: ['int', 'uint', 'string', 'bytes'],
  detail: 'only integers, byte buffers, and strings can be formatted as hex',
}
const CLAUSES: ReadonlyMap<string, Clause> = new Map([
  ['s', { kinds: STRING_KINDS, detail: STRING_DETAIL }],
  ['d', { kinds: ['int', 'uint'], detail: 'decimal clause can only be used on integers' }],
  ['f', { kinds: ['double', 'string'], detail: 'fixed-point clause can only be used on doubles' }],
  ['e', { kinds: ['double', 'string'], detail: 'scientific clause can only be used on doubles' }],
  ['b', { kinds: ['int', 'uint', 'bool'], detail: 'only integers and bools can be formatted as binary' }],
  ['x', HEX],
  ['X', HEX],
  ['o', { kinds: ['int', 'uint'], detail: 'octal clause can only be used on integers' }],
])

export function checkFormat(call: CallExpression, problems: Problems): void {
  const { target, args } = call
  const [list] = args
  const isKnown = target?.kind === 'literal' && target.literal.of === 'string'
  if (!isKnown || args.length !== 1 || list?.kind !== 'list') return
  const given = list.elements
  let used = 0
  const text = target.literal.value
  for (let index = 0; index < text.length;) {
    if (text[index] !== '%') index++
    else if (text[index + 1] === '%') index += 2
    else {
      const clause = readClause(text, index + 1)
      const argument = given[used]
      const isLast = index + 1 >= text.length
      if (isLast) return problems.add(call.offset, 'unexpected end of string')
      if (argument === undefined) return problems.add(call.offset, `index ${used} out of range`)
      if ('problem' in clause) return problems.add(call.offset, `could not parse formatting clause: ${clause.problem}`)
      const wrong = misfit(clause.clause, argument)
      if (wrong !== undefined) {
        const type = (wrong.type ?? DYN).name
        return problems.add(wrong.offset, `error during formatting: ${clause.clause.detail}, was given ${type}`)
      }
      used++
      index = clause.end
    }
  }
  if (given.length > used) {
    const counts = `(expected ${used}, got ${given.length})`
    problems.add(call.offset, `too many arguments supplied to string.format ${counts}`)
  }
}

/** `.3f`: from behind the percent sign on. */
function readClause(text: string, start: number): { clause: Clause; end: number } | { problem: string } {
  const parsing = 'error while parsing precision:'
  let index = start
  if (text[index] === '.') {
    index++
    while (/[0-9]/.test(text[index] ?? '')) index++
    if (index >= text.length) return { problem: `${parsing} could not find end of precision specifier` }
    const digits = text.slice(start + 1, index)
    const conversion = `${parsing} error while converting precision to integer: strconv.Atoi: parsing "${digits}":`
    if (digits === '') return { problem: `${conversion} invalid syntax` }
    if (BigInt(digits) > 2n ** 63n - 1n) return { problem: `${conversion} value out of range` }
  }
  const letter = text[index] ?? ''
  const clause = CLAUSES.get(letter)
  // A byte of the text, though it may be only part of a character.
  const shown = Buffer.from(text.slice(index)).subarray(0, 1).toString('latin1')
  return clause === undefined ? { problem: `unrecognized formatting clause "${shown}"` } : { clause, end: index + 1 }
}

/** The part of the argument that the clause cannot write. */
function misfit(clause: Clause, argument: Expression): Expression | undefined {
  if (!fits(clause, argument.type ?? DYN)) return argument
  if (clause.kinds !== STRING_KINDS) return undefined
  const parts =
    argument.kind === 'list'
      ? argument.elements
      : argument.kind === 'map'
        ? argument.entries.flatMap(({ key, value }) => [key, value])
        : []
  for (const part of parts) {
    const wrong = misfit(clause, part)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const fits = ({ kinds }: Clause, { kind }: Type): boolean => kind === 'dyn' || kinds.includes(kind)
