// Calls that stand for something longer: has(), all(), exists(), map() and their kin become comprehensions.
import { type Expression, type Literal } from './expression.ts'

/** By `name:count of arguments:whether there is a target`. */
export type Macros = ReadonlyMap<string, Macro>

export interface MacroError {
  readonly message: string
  readonly offset: number
}

/** `at` is where the call is; undefined: it is an ordinary call after all. */
type Macro = (at: number, args: readonly Expression[], target: Expression) => Expression | MacroError | undefined

/** Not a name that anybody can write. */
export const ACCUMULATOR = '@result'
/** What it was called before; not allowed either. */
const OLD_ACCUMULATOR = '__result__'
const UNUSED = '#unused'
const SORT_INPUT = '@__sortBy_input__'
/** Macros that repeat their target double what they are chained to: this bounds it. Upstream has no bound. */
export const MAX_COPIED_EXPRESSIONS = 100_000

export function expandMacro(
  macros: Macros,
  offset: number,
  name: string,
  target: Expression | undefined,
  args: readonly Expression[],
): Expression | MacroError | undefined {
  const macro = macros.get(`${name}:${args.length}:${target !== undefined}`)
  return macro?.(offset, args, target ?? { kind: 'unspecified', offset })
}

const literal = (offset: number, value: Literal): Expression => ({ kind: 'literal', offset, literal: value })
const bool = (offset: number, value: boolean): Expression => literal(offset, { of: 'bool', value })
const int = (offset: number, value: bigint): Expression => literal(offset, { of: 'int', value })
const ident = (offset: number, name: string): Expression => ({ kind: 'ident', offset, name })
const result = (offset: number): Expression => ident(offset, ACCUMULATOR)
const call = (offset: number, name: string, ...args: Expression[]): Expression => ({ kind: 'call', offset, name, args })
const method = (offset: number, name: string, target: Expression, ...args: Expression[]): Expression => ({
  kind: 'call',
  offset,
  name,
  target,
  args,
})
const list = (offset: number, ...elements: Expression[]): Expression => ({
  kind: 'list',
  offset,
  elements,
  optional: new Set(),
})

interface Fold {
  readonly range: Expression
  readonly variables: readonly [string, string?]
  readonly initial: Expression
  readonly condition?: Expression
  readonly step: Expression
  readonly result?: Expression
}

const fold = (offset: number, { range, variables, initial, condition, step, result: last }: Fold): Expression => ({
  kind: 'comprehension',
  offset,
  range,
  variable: variables[0],
  variable2: variables[1],
  accumulator: ACCUMULATOR,
  initial,
  condition: condition ?? bool(offset, true),
  step,
  result: last ?? result(offset),
})

/** `value` under a name in `body`. */
const bind = (offset: number, name: string, value: Expression, body: Expression): Expression => ({
  kind: 'comprehension',
  offset,
  range: list(offset),
  variable: UNUSED,
  variable2: undefined,
  accumulator: name,
  initial: value,
  condition: bool(offset, false),
  step: ident(offset, name),
  result: body,
})

function simpleName(argument: Expression | undefined, message: string): string | MacroError {
  if (argument?.kind !== 'ident') return { message, offset: argument?.offset ?? 0 }
  if (argument.name === ACCUMULATOR || argument.name === OLD_ACCUMULATOR)
    return { message: 'iteration variable overwrites accumulator variable', offset: argument.offset }
  return argument.name
}

/** One name, or two different ones. */
function names(args: readonly Expression[], count: number, message: string): [string, string?] | MacroError {
  const [first, second] = args
  if (count === 1) {
    const name = simpleName(first, message)
    return typeof name === 'string' ? [name] : name
  }
  if (first?.kind !== 'ident') return { message, offset: first?.offset ?? 0 }
  if (second?.kind !== 'ident') return { message, offset: second?.offset ?? 0 }
  if (first.name === second.name) return { message: `duplicate variable name: ${first.name}`, offset: second.offset }
  const one = simpleName(first, message)
  const two = simpleName(second, message)
  if (typeof one !== 'string') return one
  return typeof two === 'string' ? [one, two] : two
}

type Body = (at: number, body: Expression) => Pick<Fold, 'initial' | 'step' | 'condition' | 'result'>

const quantifiers: Readonly<Record<string, Body>> = {
  all: (at, body) => ({
    initial: bool(at, true),
    condition: call(at, '@not_strictly_false', result(at)),
    step: call(at, '_&&_', result(at), body),
  }),
  exists: (at, body) => ({
    initial: bool(at, false),
    condition: call(at, '@not_strictly_false', call(at, '!_', result(at))),
    step: call(at, '_||_', result(at), body),
  }),
  existsOne: (at, body) => ({
    initial: int(at, 0n),
    step: call(at, '_?_:_', body, call(at, '_+_', result(at), int(at, 1n)), result(at)),
    result: call(at, '_==_', result(at), int(at, 1n)),
  }),
}

const quantifier =
  (body: Body, variables: 1 | 2): Macro =>
  (at, args, range) => {
    const found = names(args, variables, 'argument must be a simple name')
    const predicate = args[variables]
    if ('message' in found || predicate === undefined) return 'message' in found ? found : undefined
    return fold(at, { range, variables: found, ...body(at, predicate) })
  }

/** The last argument makes the next value; one more before it says whether there is one. */
function transform(
  variables: 1 | 2,
  message: string,
  initial: (at: number) => Expression,
  add: (at: number, body: Expression, variable: string) => Expression,
): Macro {
  return (at, args, range) => {
    const found = names(args, variables, message)
    if ('message' in found) return found
    const body = args.at(-1)
    if (body === undefined) return undefined
    const filter = args.length > variables + 1 ? args[variables] : undefined
    const plain = add(at, body, found[0])
    const step = filter === undefined ? plain : call(at, '_?_:_', filter, plain, result(at))
    return fold(at, { range, variables: found, initial: initial(at), step })
  }
}

const appended = (at: number, body: Expression): Expression => call(at, '_+_', result(at), list(at, body))
const emptyMap = (offset: number): Expression => ({ kind: 'map', offset, entries: [] })
const map = transform(1, 'argument is not an identifier', list, appended)
const transformList = transform(2, 'argument must be a simple name', list, appended)
const transformMap = transform(2, 'argument must be a simple name', emptyMap, (at, body, variable) =>
  call(at, 'cel.@mapInsert', result(at), ident(at, variable), body),
)
const transformMapEntry = transform(2, 'argument must be a simple name', emptyMap, (at, body) =>
  call(at, 'cel.@mapInsert', result(at), body),
)

const has: Macro = (at, [argument]) =>
  argument?.kind === 'select'
    ? { kind: 'select', offset: at, operand: argument.operand, field: argument.field, isTest: true }
    : { message: 'invalid argument to has() macro', offset: argument?.offset ?? at }

const filter: Macro = (at, args, range) => {
  const name = simpleName(args[0], 'argument is not an identifier')
  const [element, predicate] = args
  if (typeof name !== 'string') return name
  if (element === undefined || predicate === undefined) return undefined
  const step = call(at, '_?_:_', predicate, appended(at, element), result(at))
  return fold(at, { range, variables: [name], initial: list(at), step })
}

const optional =
  (macro: string, wrap: (at: number, value: Expression) => Expression): Macro =>
  (at, args, target) => {
    const [variable, body] = args
    if (variable?.kind !== 'ident' || body === undefined)
      return { message: `${macro}() variable name must be a simple identifier`, offset: variable?.offset ?? at }
    const copied = copy(target)
    if (copied === undefined) return { message: 'the expression repeats too much of itself', offset: at }
    const value = bind(at, variable.name, method(at, 'value', copied), body)
    return call(at, '_?_:_', method(at, 'hasValue', target), wrap(at, value), call(at, 'optional.none'))
  }

const SORTABLE: ReadonlySet<string> = new Set(['list', 'select', 'ident', 'comprehension', 'call'])

const sortBy: Macro = (at, args, target) => {
  const message = 'sortBy can only be applied to a list, identifier, comprehension, call or select expression'
  if (!SORTABLE.has(target.kind)) return { message, offset: target.offset }
  const keys = map(at, args, ident(at, SORT_INPUT))
  if (keys === undefined || 'message' in keys) return keys
  const sorted = method(at, '@sortByAssociatedKeys', ident(at, SORT_INPUT), keys)
  return bind(at, SORT_INPUT, target, sorted)
}

const celBind: Macro = (at, [variable, value, body], target) => {
  if (target.kind !== 'ident' || target.name !== 'cel') return undefined
  if (variable?.kind !== 'ident' || value === undefined || body === undefined)
    return { message: 'cel.bind() variable names must be simple identifiers', offset: variable?.offset ?? at }
  return bind(at, variable.name, value, body)
}

/** Those of every place. */
export const MACROS: Macros = new Map<string, Macro>([
  ['has:1:false', has],
  ['map:2:true', map],
  ['map:3:true', map],
  ['filter:2:true', filter],
  ...Object.entries({ ...quantifiers, exists_one: quantifiers['existsOne'] }).flatMap(
    ([name, body]): [string, Macro][] =>
      body === undefined
        ? []
        : [
            ...(name === 'existsOne' ? [] : [[`${name}:2:true`, quantifier(body, 1)] as [string, Macro]]),
            [`${name}:3:true`, quantifier(body, 2)],
          ],
  ),
  ['transformList:3:true', transformList],
  ['transformList:4:true', transformList],
  ['transformMap:3:true', transformMap],
  ['transformMap:4:true', transformMap],
  ['transformMapEntry:3:true', transformMapEntry],
  ['transformMapEntry:4:true', transformMapEntry],
  ['optMap:2:true', optional('optMap', (at, value) => call(at, 'optional.of', value))],
  ['optFlatMap:2:true', optional('optFlatMap', (_at, value) => value)],
  ['sortBy:2:true', sortBy],
])

/** With cel.bind(), which selectors of devices have. */
export const MACROS_WITH_BIND: Macros = new Map([...MACROS, ['bind:3:true', celBind]])

/** Undefined when it is too large. */
function copy(expression: Expression): Expression | undefined {
  let left = MAX_COPIED_EXPRESSIONS
  const one = (original: Expression): Expression => {
    left--
    if (left < 0) return original
    switch (original.kind) {
      case 'select':
        return { ...original, operand: one(original.operand) }
      case 'call': {
        const { target } = original
        return { ...original, args: original.args.map(one), ...(target === undefined ? {} : { target: one(target) }) }
      }
      case 'list':
        return { ...original, elements: original.elements.map(one) }
      case 'map':
        return {
          ...original,
          entries: original.entries.map((entry) => ({ ...entry, key: one(entry.key), value: one(entry.value) })),
        }
      case 'struct':
        return { ...original, fields: original.fields.map((field) => ({ ...field, value: one(field.value) })) }
      case 'comprehension':
        return {
          ...original,
          range: one(original.range),
          initial: one(original.initial),
          condition: one(original.condition),
          step: one(original.step),
          result: one(original.result),
        }
      case 'literal':
      case 'ident':
      case 'unspecified':
        return { ...original }
    }
  }
  const copied = one(expression)
  return left < 0 ? undefined : copied
}
