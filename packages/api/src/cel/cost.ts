// How much work an expression can be at worst, from its types and from how large values get. What is too much is refused
// before it ever runs, so the numbers are part of the API: they are upstream's.
import { callCost, type CostNode, type Estimate, type SizeOf } from './call-cost.ts'
import { type DeclaredType, fieldDeclaration } from './environment.ts'
import type { CallExpression, Comprehension, Expression, ListExpression, MapExpression } from './expression.ts'
import { ACCUMULATOR } from './macros.ts'
import { add, exactly, multiply, type Range, UNBOUNDED, union, UNKNOWN, ZERO } from './ranges.ts'
import { DYN, first, type Type } from './types.ts'

const LIST_COST = exactly(10)
const MAP_COST = exactly(30)
const STRUCT_COST = exactly(40)
const STEP = exactly(1)
const SCALARS: ReadonlySet<string> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'])

/** Sizes of what is in a list or a map. */
interface Entries {
  readonly isList: boolean
  readonly key: Range
  readonly value: Range
}

interface Local {
  readonly path: readonly string[]
  readonly size: Range | undefined
  readonly entries: Entries | undefined
}

/** `variables`: those whose sizes are known, by name. `otherwise`: what all other values are taken for. */
export function estimateCost(
  expression: Expression,
  variables: ReadonlyMap<string, DeclaredType>,
  otherwise?: DeclaredType,
): Range {
  return new Estimator(variables, otherwise).cost(expression)
}

class Estimator {
  readonly #variables: ReadonlyMap<string, DeclaredType>
  readonly #otherwise: DeclaredType | undefined
  readonly #paths = new Map<Expression, readonly string[]>()
  readonly #sizes = new Map<Expression, Range>()
  readonly #entries = new Map<Expression, Entries>()
  readonly #locals = new Map<string, Local[]>()

  constructor(variables: ReadonlyMap<string, DeclaredType>, otherwise: DeclaredType | undefined) {
    this.#variables = variables
    this.#otherwise = otherwise
  }

  cost(expression: Expression): Range {
    switch (expression.kind) {
      case 'ident':
        this.#paths.set(expression, this.#local(expression.name)?.path ?? [expression.name])
        return STEP
      case 'select':
        return this.#select(expression)
      case 'call':
        return this.#call(expression)
      case 'list':
        return this.#list(expression)
      case 'map':
        return this.#map(expression)
      case 'struct':
        return expression.fields.reduce((sum, { value }) => add(sum, this.cost(value)), STRUCT_COST)
      case 'comprehension':
        return isBinding(expression) ? this.#binding(expression) : this.#comprehension(expression)
      case 'literal':
      case 'unspecified':
        return ZERO
    }
  }

  #select(expression: Extract<Expression, { kind: 'select' }>): Range {
    if (expression.qualifiedName !== undefined) {
      this.#paths.set(expression, [expression.qualifiedName])
      return STEP
    }
    const cost = this.cost(expression.operand)
    if (expression.isTest) return cost
    const kind = expression.operand.type?.kind
    this.#paths.set(expression, [...this.#path(expression.operand), expression.field])
    return kind === 'map' || kind === 'struct' || kind === 'parameter' ? add(cost, STEP) : cost
  }

  #call(call: CallExpression): Range {
    const [argument] = call.args
    if (call.name === 'dyn' && argument !== undefined) {
      const cost = add(STEP, this.cost(argument))
      this.#copySizes(call, argument)
      return cost
    }
    const costs: Range[] = []
    const nodes: CostNode[] = []
    for (const part of call.args) {
      costs.push(this.cost(part))
      nodes.push(this.#node(part))
    }
    let sum = ZERO
    let target: CostNode | undefined
    if (call.target !== undefined && call.isNamespaced !== true) {
      sum = this.cost(call.target)
      target = this.#node(call.target)
    }
    let cost: Range = { min: UNBOUNDED, max: 0 }
    let size: Range | undefined
    for (const overload of call.overloads ?? []) {
      const estimate = this.#overload(call, overload, target, nodes, costs)
      cost = union(cost, estimate.cost)
      if (estimate.size !== undefined) size = size === undefined ? estimate.size : union(size, estimate.size)
      if (overload === 'index_list' || overload === 'index_map') size = this.#indexed(call, overload) ?? undefined
      size ??= this.#size(call)
    }
    if (size !== undefined) this.#sizes.set(call, size)
    return add(sum, cost)
  }

  #indexed(call: CallExpression, overload: string): Range | undefined {
    const [container] = call.args
    if (container === undefined) return undefined
    this.#paths.set(call, [...this.#path(container), overload === 'index_list' ? '@items' : '@values'])
    return this.#entriesOf(container)?.value
  }

  #overload(
    call: CallExpression,
    overload: string,
    target: CostNode | undefined,
    args: readonly CostNode[],
    costs: readonly Range[],
  ): Estimate {
    const [one = ZERO, two = ZERO, three = ZERO] = costs
    switch (overload) {
      case 'logical_and':
      case 'logical_or':
        return { cost: { min: one.min, max: add(one, two).max } }
      case 'conditional':
        return { cost: add(one, union(two, three)), size: this.#either(call) }
      case 'add_list':
      case 'add_string':
      case 'add_bytes':
        this.#joinEntries(call)
    }
    const name = call.isNamespaced === true && call.target !== undefined ? namespaced(call) : call.name
    const { cost, size } = callCost(name, overload, target, args, this.#sizeOf)
    return { cost: costs.reduce(add, cost), ...(size === undefined ? {} : { size }) }
  }

  /** Of the two results of a condition. */
  #either(call: CallExpression): Range {
    const [, yes, no] = call.args
    if (yes === undefined || no === undefined) return UNKNOWN
    this.#unite(call, yes, no)
    return union(this.#size(yes) ?? UNKNOWN, this.#size(no) ?? UNKNOWN)
  }

  #joinEntries(call: CallExpression): void {
    const [left, right] = call.args
    if (left !== undefined && right !== undefined) this.#unite(call, left, right)
  }

  #unite(to: Expression, left: Expression, right: Expression): void {
    const one = this.#entriesOf(left)
    const other = this.#entriesOf(right)
    if (one === undefined || other === undefined) return
    const key = union(one.key, other.key)
    this.#entries.set(to, { isList: one.isList, key, value: union(one.value, other.value) })
  }

  #list(expression: ListExpression): Range {
    let cost = LIST_COST
    let value: Range = { min: expression.elements.length === 0 ? 0 : UNBOUNDED, max: 0 }
    for (const element of expression.elements) {
      cost = add(cost, this.cost(element))
      value = union(value, this.#size(element) ?? UNKNOWN)
    }
    this.#entries.set(expression, { isList: true, key: STEP, value })
    return cost
  }

  #map(expression: MapExpression): Range {
    let cost = MAP_COST
    const none: Range = { min: expression.entries.length === 0 ? 0 : UNBOUNDED, max: 0 }
    let key = none
    let value = none
    for (const entry of expression.entries) {
      cost = add(cost, add(this.cost(entry.key), this.cost(entry.value)))
      key = union(key, this.#size(entry.key) ?? UNKNOWN)
      value = union(value, this.#size(entry.value) ?? UNKNOWN)
    }
    this.#entries.set(expression, { isList: false, key, value })
    return cost
  }

  // Comprehensions

  #comprehension(expression: Comprehension): Range {
    const { range, initial, condition, step, result, accumulator, variable, variable2 } = expression
    let cost = add(this.cost(range), this.cost(initial))
    this.#push(accumulator, this.#localOf(initial))
    const entries = this.#entriesOf(range)
    const isList = entries?.isList ?? range.type?.kind === 'list'
    const keys: Local = this.#variable(range, isList ? '@indices' : '@keys', entries?.key)
    const values: Local = this.#variable(range, isList ? '@items' : '@values', entries?.value)
    this.#push(variable, variable2 === undefined && isList ? values : keys)
    if (variable2 !== undefined) this.#push(variable2, values)
    const round = add(this.cost(condition), this.cost(step))
    this.#pop(variable)
    if (variable2 !== undefined) this.#pop(variable2)
    cost = add(cost, this.cost(result))
    this.#pop(accumulator)
    const count = this.#size(range) ?? UNKNOWN
    this.#setResult(expression, count)
    return add(cost, multiply(count, round))
  }

  #setResult(expression: Comprehension, count: Range): void {
    const { initial, step } = expression
    if (initial.kind === 'literal') this.#sizes.set(expression, this.#size(initial) ?? UNKNOWN)
    if (initial.kind !== 'list' && initial.kind !== 'map') return
    this.#sizes.set(expression, count)
    const entries = this.#entriesOf(step)
    if (entries !== undefined) this.#entries.set(expression, entries)
  }

  #binding(expression: Comprehension): Range {
    const { range, initial, accumulator, result } = expression
    const cost = add(this.cost(range), this.cost(initial))
    this.#push(accumulator, this.#localOf(initial))
    const sum = add(cost, this.cost(result))
    this.#pop(accumulator)
    this.#copySizes(expression, result)
    return sum
  }

  #localOf(expression: Expression): Local {
    return { path: this.#path(expression), size: this.#size(expression), entries: this.#entriesOf(expression) }
  }

  #variable(range: Expression, part: string, size: Range | undefined): Local {
    return { path: [...this.#path(range), part], size, entries: undefined }
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name)
    if (stack === undefined) this.#locals.set(name, [local])
    else stack.push(local)
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop()
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1)
  }

  // Sizes

  #copySizes(to: Expression, from: Expression): void {
    const size = this.#size(from)
    if (size !== undefined) this.#sizes.set(to, size)
    const entries = this.#entriesOf(from)
    if (entries !== undefined) this.#entries.set(to, entries)
  }

  #path(expression: Expression): readonly string[] {
    const local = expression.kind === 'ident' ? this.#local(expression.name) : undefined
    return local?.path ?? this.#paths.get(expression) ?? []
  }

  #entriesOf(expression: Expression): Entries | undefined {
    const local = expression.kind === 'ident' ? this.#local(expression.name) : undefined
    return this.#entries.get(expression) ?? local?.entries
  }

  #node(expression: Expression): CostNode {
    const path = this.#path(expression)
    const size = this.#size(expression)
    return {
      path: path[0] === ACCUMULATOR ? [] : path,
      type: expression.type ?? DYN,
      expression,
      ...(size === undefined ? {} : { size }),
    }
  }

  #size(expression: Expression): Range | undefined {
    const known = this.#sizes.get(expression) ?? literalSize(expression)
    if (known !== undefined) return known
    const declared = this.#declared(this.#path(expression))
    if (declared !== undefined) {
      this.#sizes.set(expression, declared)
      return declared
    }
    if (isScalar(expression.type ?? DYN)) return STEP
    return expression.kind === 'ident' ? this.#local(expression.name)?.size : undefined
  }

  readonly #sizeOf: SizeOf = ({ path, size }) => size ?? this.#declared(path) ?? UNKNOWN

  /** What is declared of the value at a path. */
  #declared(path: readonly string[]): Range | undefined {
    const [root, ...rest] = path
    let declared = root === undefined ? undefined : (this.#variables.get(root) ?? this.#otherwise)
    for (const part of rest) {
      if (declared === undefined) return undefined
      if (part === '@items' || part === '@values') declared = declared.element
      else if (part === '@keys') declared = declared.key
      else declared = fieldDeclaration(declared, part) ?? (declared.hasAnyField === true ? declared.element : undefined)
    }
    return declared === undefined ? undefined : { min: 0, max: declared.maximum ?? 0 }
  }
}

const namespaced = (call: CallExpression): string => {
  const { target } = call
  return target?.kind === 'ident' ? `${target.name}.${call.name}` : call.name
}

/** `cel.bind()` and what is made like it. */
const isBinding = ({ range, condition }: Comprehension): boolean =>
  range.kind === 'list' &&
  range.elements.length === 0 &&
  condition.kind === 'literal' &&
  condition.literal.of === 'bool' &&
  !condition.literal.value

function literalSize(expression: Expression): Range | undefined {
  if (expression.kind === 'list') return exactly(expression.elements.length)
  if (expression.kind === 'map') return exactly(expression.entries.length)
  if (expression.kind !== 'literal') return undefined
  const { literal } = expression
  if (literal.of === 'string') return exactly([...literal.value].length)
  return exactly(literal.of === 'bytes' ? literal.value.length : 1)
}

const isScalar = (type: Type): boolean =>
  SCALARS.has(type.kind) || (type.kind === 'opaque' && type.name === 'optional_type' && isScalar(first(type)))
