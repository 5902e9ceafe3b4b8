// What a call costs at worst beyond its arguments, and how large its result gets. A text costs a tenth for each character.
import type { Expression } from './expression.ts'
import { add, exactly, multiply, type Range, scale, UNBOUNDED } from './ranges.ts'
import { isSameType, type Type } from './types.ts'

export interface CostNode {
  /** From a variable to the value, as far as that can be said. */
  readonly path: readonly string[]
  readonly type: Type
  readonly expression?: Expression
  readonly size?: Range
}

export interface Estimate {
  readonly cost: Range
  readonly size?: Range
}

export type SizeOf = (node: Pick<CostNode, 'path' | 'size'>) => Range

interface Call {
  readonly overload: string
  readonly target: CostNode | undefined
  readonly args: readonly CostNode[]
  readonly sizeOf: SizeOf
}

const PER_CHARACTER = 0.1
const PER_PATTERN_CHARACTER = 0.25
const LIST_COST = exactly(10)
const ONE: Estimate = { cost: exactly(1) }
const UNIT = exactly(1)
/** Two of them are as much as an expression may do. */
const AUTHORIZATION_CHECK = exactly(350_000)
/** A requirement of a selector takes two characters, and makes a list and a struct. */
const SELECTOR_CHARACTERS = 0.5
const REQUIREMENT_COST = 50
const MAX_FORMAT_PATTERN = 128
const MAX_FORMAT_SIZE = 64
const ADDRESS_BYTES: Range = { min: 4, max: 16 }

/** Overloads before functions, as upstream has them. */
export function callCost(
  name: string,
  overload: string,
  target: CostNode | undefined,
  args: readonly CostNode[],
  sizeOf: SizeOf,
): Estimate {
  const call: Call = { overload, target, args, sizeOf }
  return BY_OVERLOAD[overload]?.(call) ?? BY_FUNCTION[name]?.(call) ?? GENERAL[overload]?.(call) ?? ONE
}

type Rule = (call: Call) => Estimate | undefined

const rules = (names: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]))

const characters = (size: Range): Range => scale(size, PER_CHARACTER)

/** Of the target, or of an argument; undefined when there is none. */
const sized = (call: Call, node: CostNode | undefined): Range | undefined =>
  node === undefined ? undefined : call.sizeOf(node)

const perCharacter =
  (of: (call: Call) => CostNode | undefined, factor: number, keepsSize: boolean): Rule =>
  (call) => {
    const size = sized(call, of(call))
    if (size === undefined) return undefined
    return { cost: scale(size, factor), ...(keepsSize ? { size } : {}) }
  }
const ofTarget = ({ target }: Call): CostNode | undefined => target
const ofArgument = ({ args }: Call): CostNode | undefined => args[0]

// Lists

/** A new list. */
const allocating = (factor: number, size: Range): Estimate => ({
  cost: add(add(scale(size, factor), UNIT), LIST_COST),
  size,
})

function integer(node: CostNode | undefined, otherwise: number): number {
  const expression = node?.expression
  if (expression?.kind !== 'literal' || expression.literal.of !== 'int') return otherwise
  const value = Number(expression.literal.value)
  return value < 0 ? 0 : value
}

const slice: Rule = (call) => {
  const size = sized(call, call.target)
  if (size === undefined) return undefined
  const [start, end] = call.args
  const length = integer(end, size.max) - integer(start, 0)
  // Counted without a sign.
  return allocating(1, exactly(length < 0 ? UNBOUNDED + length : length))
}

const squared =
  (of: (call: Call) => CostNode | undefined, factor: number): Rule =>
  (call) => {
    const size = sized(call, of(call))
    return size === undefined ? undefined : allocating(factor, multiply(size, size))
  }

const setOperation =
  (factor: number): Rule =>
  ({ args: [one, other], sizeOf }) =>
    one === undefined || other === undefined
      ? undefined
      : { cost: add(scale(multiply(sizeOf(one), sizeOf(other)), factor), UNIT) }

const SORTED_TYPES = [
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
]
const sortFactor = (type: string): number => (type === 'string' || type === 'bytes' ? 2 + PER_CHARACTER : 2)

const includes: Rule = ({ target }) => (target === undefined ? undefined : { cost: { min: 0, max: 48 } })

const BY_OVERLOAD: Readonly<Record<string, Rule>> = {
  dra_includes_dyn_dyn: includes,
  list_slice: slice,
  list_flatten: (call) => {
    const size = sized(call, call.target)
    return size === undefined ? undefined : allocating(1, size)
  },
  list_flatten_int: (call) => {
    const size = sized(call, call.target)
    return size === undefined ? undefined : allocating(integer(call.args[0], UNBOUNDED), size)
  },
  lists_range: ({ args }) => allocating(1, exactly(integer(args[0], UNBOUNDED))),
  list_reverse: (call) => {
    const size = sized(call, call.target)
    return size === undefined ? undefined : allocating(1, size)
  },
  list_distinct: squared(ofTarget, 2),
  ...Object.fromEntries(
    SORTED_TYPES.flatMap((type) => [
      [`list_${type}_sort`, squared(ofTarget, sortFactor(type))],
      [`list_${type}_sortByAssociatedKeys`, squared(ofArgument, sortFactor(type))],
    ]),
  ),
  list_sets_contains_list: setOperation(1),
  list_sets_intersects_list: setOperation(1),
  list_sets_equivalent_list: setOperation(2),
}

// Functions of Kubernetes

const element = ({ path, type }: CostNode): CostNode | undefined => {
  const [part] = type.parameters
  return part === undefined ? undefined : { path: path.length === 0 ? [] : [...path, '@items'], type: part }
}

const aggregate: Rule = (call) => {
  const { target } = call
  if (target === undefined) return undefined
  const size = call.sizeOf(target)
  const part = element(target)
  if (part === undefined) return { cost: characters(size) }
  const isText = part.type.kind === 'string' || part.type.kind === 'bytes'
  return { cost: multiply(size, isText ? add(UNIT, characters(call.sizeOf(part))) : UNIT) }
}

const selector: Rule = (call) => {
  const size = sized(call, call.args[0])
  if (size === undefined) return undefined
  const requirements = scale(scale(size, SELECTOR_CHARACTERS), REQUIREMENT_COST)
  return { cost: add(add(LIST_COST, characters(size)), requirements) }
}

/** The least or the most that replacing makes of a text of a size. */
function replaced(size: number, from: number, to: number, grows: boolean): { count: number; kept: number } {
  if (from === 0) return { count: size < UNBOUNDED ? size + 1 : size, kept: size }
  if (grows) return { count: 0, kept: size }
  return { count: Math.min(Math.ceil(size / from), UNBOUNDED), kept: 0 }
}

const replace: Rule = (call) => {
  const [from, to] = call.args
  const size = sized(call, call.target)
  if (size === undefined || from === undefined || to === undefined) return undefined
  const fromSize = call.sizeOf(from)
  const toSize = call.sizeOf(to)
  const most = replaced(size.max, fromSize.min, toSize.max, toSize.max <= fromSize.min)
  const least = replaced(size.min, fromSize.max, toSize.min, fromSize.max <= toSize.min)
  const result = add(multiply({ min: least.count, max: most.count }, toSize), { min: least.kept, max: most.kept })
  return { cost: scale(size, 2 * PER_CHARACTER), size: result }
}

const split: Rule = (call) => {
  const size = sized(call, call.target)
  if (size === undefined) return undefined
  const limit = call.args[1]?.expression
  const isLimited = limit?.kind === 'literal' && limit.literal.of === 'int'
  const count = isLimited ? Number(limit.literal.value) : size.max
  return { cost: scale(size, 2 * PER_CHARACTER), size: { min: 0, max: count < 0 ? UNBOUNDED : count } }
}

const join: Rule = (call) => {
  const { target, args } = call
  if (target === undefined) return undefined
  const size = call.sizeOf(target)
  const part = element(target)
  let length = part === undefined ? exactly(0) : multiply(size, call.sizeOf(part))
  const separator = sized(call, args[0])
  if (separator !== undefined) {
    const gaps = { min: Math.max(size.min - 1, 0), max: Math.max(size.max - 1, 0) }
    length = add(length, multiply(separator, gaps))
  }
  return { cost: characters(length), size: length }
}

/** An empty text is work for a pattern, too. */
const pattern = (text: Range, expression: Range): Range =>
  multiply(characters(add(text, UNIT)), scale(expression, PER_PATTERN_CHARACTER))

const find: Rule = (call) => {
  const size = sized(call, call.target)
  const expression = sized(call, call.args[0])
  if (size === undefined || expression === undefined) return undefined
  return { cost: pattern(size, expression), size: { min: 0, max: size.max } }
}

const contains =
  (text: string, extra: Range): Rule =>
  (call) => {
    const size = sized(call, call.args[0])
    if (size === undefined) return undefined
    const base = add(characters(add(ADDRESS_BYTES, ADDRESS_BYTES)), extra)
    return { cost: call.overload === text ? add(base, characters(size)) : base }
  }

const validateFormat: Rule = (call) => {
  const size = sized(call, call.args[0])
  if (size === undefined) return undefined
  return { cost: scale(characters(size), MAX_FORMAT_PATTERN * PER_PATTERN_CHARACTER) }
}

const SIMPLE_EQUALITY = /^net\.(?:IP|CIDR)$|^kubernetes\.(?:Quantity|Semver|authorization\..*)$/

const equality: Rule = ({ args: [one, other] }) => {
  if (one === undefined || other === undefined || !isSameType(one.type, other.type)) return undefined
  const { name } = one.type
  if (SIMPLE_EQUALITY.test(name)) return ONE
  if (name === 'kubernetes.NamedFormat') return { cost: scale({ min: 1, max: MAX_FORMAT_SIZE }, PER_CHARACTER) }
  if (name === 'kubernetes.URL') return { cost: scale({ min: 1, max: other.size?.max ?? 1 }, PER_CHARACTER) }
  return undefined
}

const NOMINAL = [
  'serviceAccount path group resource subresource namespace name allowed reason error errored',
  'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast',
  'format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch',
  'getScheme getHostname getHost getPort getEscapedPath getQuery',
]

const BY_FUNCTION: Readonly<Record<string, Rule>> = {
  check: () => ({ cost: AUTHORIZATION_CHECK }),
  ...rules(NOMINAL.join(' '), () => ONE),
  ...rules('fieldSelector labelSelector', selector),
  ...rules('isSorted sum max min indexOf lastIndexOf', aggregate),
  ...rules('url jsonpatch.escapeKey', perCharacter(ofArgument, PER_CHARACTER, true)),
  ...rules('lowerAscii upperAscii substring trim', perCharacter(ofTarget, PER_CHARACTER, true)),
  replace,
  split,
  join,
  ...rules('find findAll', find),
  ...rules('cidr isIP isCIDR quantity isQuantity semver isSemver', perCharacter(ofArgument, PER_CHARACTER, false)),
  ip: (call) => (call.overload === 'cidr_ip' ? ONE : perCharacter(ofArgument, PER_CHARACTER, false)(call)),
  'ip.isCanonical': perCharacter(ofArgument, 2 * PER_CHARACTER, false),
  containsIP: contains('cidr_contains_ip_string', exactly(0)),
  containsCIDR: contains('cidr_contains_cidr_string', add(characters(ADDRESS_BYTES), UNIT)),
  validate: validateFormat,
  '_==_': equality,
}

// Functions of CEL

const compare: Rule = ({ args: [one, other], sizeOf }) => {
  if (one === undefined || other === undefined) return undefined
  const most = Math.min(sizeOf(one).max, sizeOf(other).max)
  return { cost: characters({ min: most > 0 ? 1 : 0, max: most }) }
}

const concatenate: Rule = ({ overload, args: [one, other], sizeOf }) => {
  if (one === undefined || other === undefined) return undefined
  const size = add(sizeOf(one), sizeOf(other))
  return { cost: overload === 'add_list' ? UNIT : characters(size), size }
}

const searched =
  (of: (text: Range, part: Range) => Range): Rule =>
  (call) => {
    const text = sized(call, call.target)
    const part = sized(call, call.args[0])
    return text === undefined || part === undefined ? undefined : { cost: of(text, part) }
  }

const COMPARISONS = ['less', 'greater', 'less_equals', 'greater_equals'].flatMap((name) => [
  `${name}_string`,
  `${name}_bytes`,
])

const GENERAL: Readonly<Record<string, Rule>> = {
  string_format: perCharacter(ofTarget, PER_CHARACTER, false),
  string_to_bytes: (call) => {
    const size = sized(call, call.args[0])
    return size === undefined
      ? undefined
      : { cost: characters(size), size: { min: size.min, max: Math.min(size.max * 4, UNBOUNDED) } }
  },
  bytes_to_string: (call) => {
    const size = sized(call, call.args[0])
    return size === undefined
      ? undefined
      : { cost: characters(size), size: { min: Math.floor(size.min / 4), max: size.max } }
  },
  strings_quote: (call) => {
    const size = sized(call, call.args[0])
    return size === undefined
      ? undefined
      : { cost: characters(size), size: { min: size.min + 2, max: Math.min(size.max * 2 + 2, UNBOUNDED) } }
  },
  ...rules('starts_with_string ends_with_string', perCharacter(ofArgument, PER_CHARACTER, false)),
  in_list: ({ args: [, list], sizeOf }) => (list === undefined ? undefined : { cost: sizeOf(list) }),
  matches_string: searched(pattern),
  contains_string: searched((text, part) => multiply(characters(text), characters(part))),
  ...rules('add_string add_bytes add_list', concatenate),
  ...rules(['equals', 'not_equals', ...COMPARISONS].join(' '), compare),
}
