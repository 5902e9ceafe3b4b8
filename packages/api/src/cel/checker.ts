// Which type each part of an expression has, and whether there is one: names are known, and functions take what they are given.
import { type Overload } from './declarations.ts'
import { type Environment, typeOfName } from './environment.ts'
import {
  type CallExpression,
  type Comprehension,
  type Expression,
  type ListExpression,
  type MapExpression,
  qualifiedName,
  type SelectExpression,
  type StructExpression,
} from './expression.ts'
import type { Problems } from './source.ts'
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  ERROR,
  first,
  formatType,
  INT,
  isDyn,
  isDynOrError,
  isSameType,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  parameter,
  second,
  STRING,
  type Type,
  UINT,
  unwrapped,
} from './types.ts'
import { mostGeneral, Substitutions } from './unification.ts'

const LITERAL_TYPES = { null: NULL, bool: BOOL, int: INT, uint: UINT, double: DOUBLE, string: STRING, bytes: BYTES }
const OPERATORS_OF_LOGIC: ReadonlySet<string> = new Set(['_&&_', '_||_'])
/** Types whose literals are written with braces as messages are. */
const MESSAGES: ReadonlySet<string> = new Set(['any', 'timestamp', 'duration', 'dyn', 'null'])

/** The type of the whole. Each part gets its own, without parameters that are still open. */
export function check(expression: Expression, environment: Environment, problems: Problems): Type {
  const checker = new Checker(environment, problems)
  checker.visit(expression)
  return checker.finish(expression)
}

class Checker {
  readonly #environment: Environment
  readonly #problems: Problems
  readonly #types = new Substitutions()
  readonly #visited: Expression[] = []
  /** Variables of comprehensions, the innermost last. */
  readonly #scopes: ReadonlyMap<string, Type>[] = []
  #count = 0

  constructor(environment: Environment, problems: Problems) {
    this.#environment = environment
    this.#problems = problems
  }

  finish(expression: Expression): Type {
    for (const part of this.#visited) part.type = this.#types.apply(part.type ?? DYN, true)
    return expression.type ?? DYN
  }

  visit(expression: Expression): Type {
    const type = this.#typeOf(expression)
    expression.type = type
    this.#visited.push(expression)
    return type
  }

  #typeOf(expression: Expression): Type {
    switch (expression.kind) {
      case 'literal':
        return LITERAL_TYPES[expression.literal.of]
      case 'ident':
        return this.#lookUp(expression.name) ?? this.#undeclared(expression.offset, expression.name)
      case 'select':
        return this.#select(expression)
      case 'call':
        return this.#call(expression)
      case 'list':
        return this.#list(expression)
      case 'map':
        return this.#map(expression)
      case 'struct':
        return this.#struct(expression)
      case 'comprehension':
        return this.#comprehension(expression)
      case 'unspecified':
        return this.#fail(expression.offset, 'unexpected unspecified type: Expr')
    }
  }

  // Names

  #lookUp(name: string): Type | undefined {
    const plain = withoutDot(name)
    for (const scope of this.#scopes.toReversed()) {
      const type = scope.get(plain)
      if (type !== undefined) return type
    }
    return typeOfName(this.#environment, plain)
  }

  #functions(name: string): readonly Overload[] | undefined {
    return this.#environment.functions.get(withoutDot(name))
  }

  #select(expression: SelectExpression): Type {
    const name = qualifiedName(expression)
    const variable = name === undefined ? undefined : this.#lookUp(name)
    if (name !== undefined && variable !== undefined) {
      expression.qualifiedName = name
      return variable
    }
    const field = this.#field(expression.offset, expression.operand, expression.field, false)
    return expression.isTest ? BOOL : this.#types.apply(field)
  }

  #field(offset: number, operand: Expression, field: string, isOptional: boolean): Type {
    const operandType = this.#types.apply(this.visit(operand))
    const inner = unwrapped(operandType)
    const result = this.#fieldType(offset, inner ?? operandType, field)
    return inner !== undefined || isOptional ? optionalOf(result) : result
  }

  #fieldType(offset: number, target: Type, field: string): Type {
    switch (target.kind) {
      case 'map':
        return second(target)
      case 'struct':
        return this.#structField(offset, target.name, field) ?? ERROR
      case 'parameter':
        this.#types.isAssignable(DYN, target)
        return DYN
      default:
        if (!isDynOrError(target)) this.#fail(offset, `type '${formatType(target)}' does not support field selection`)
        return DYN
    }
  }

  #structField(offset: number, typeName: string, field: string): Type | undefined {
    const fields = this.#environment.fieldsOf(typeName)
    const type = fields?.(field)
    if (fields === undefined) this.#fail(offset, `unexpected failed resolution of '${typeName}'`)
    else if (type === undefined) this.#fail(offset, `undefined field '${field}'`)
    return type
  }

  // Calls

  #call(call: CallExpression): Type {
    if (call.name === '_?._') return this.#optionalSelect(call)
    const args = call.args.map((argument) => this.visit(argument))
    const { target } = call
    if (target === undefined) {
      const overloads = this.#functions(call.name)
      return overloads === undefined
        ? this.#undeclared(call.offset, call.name)
        : this.#resolve(call, withoutDot(call.name), overloads, undefined, args)
    }
    const prefix = qualifiedName(target)
    const qualified = prefix === undefined ? undefined : `${prefix}.${call.name}`
    const namespaced = qualified === undefined ? undefined : this.#functions(qualified)
    if (qualified !== undefined && namespaced !== undefined) {
      call.isNamespaced = true
      return this.#resolve(call, qualified, namespaced, undefined, args)
    }
    const targetType = this.visit(target)
    const overloads = this.#functions(call.name)
    return overloads === undefined
      ? this.#undeclared(call.offset, call.name)
      : this.#resolve(call, call.name, overloads, targetType, args)
  }

  #optionalSelect(call: CallExpression): Type {
    const [operand, field] = call.args
    if (operand === undefined || field?.kind !== 'literal' || field.literal.of !== 'string')
      return this.#fail(call.offset, 'unsupported optional field selection')
    const type = this.#types.apply(this.#field(call.offset, operand, field.literal.value, true))
    call.overloads = ['select_optional_field']
    return type
  }

  #resolve(
    call: CallExpression,
    name: string,
    overloads: readonly Overload[],
    target: Type | undefined,
    args: readonly Type[],
  ): Type {
    if (OPERATORS_OF_LOGIC.has(name) && target === undefined) return this.#logic(call, name, args)
    const given = target === undefined ? args : [target, ...args]
    const fitting: string[] = []
    let result: Type | undefined
    for (const overload of overloads) {
      if (overload.isMethod !== (target !== undefined)) continue
      const [type, ...wanted] = this.#instantiate(overload)
      if (type === undefined || !this.#types.areAssignable(given, wanted)) continue
      fitting.push(overload.id)
      const found = this.#types.apply(type)
      if (result === undefined) result = found
      else if (!isDyn(result) && !isSameType(found, result)) result = DYN
    }
    call.overloads = fitting
    if (result !== undefined) return result
    const shown = given.map((type) => formatType(this.#types.apply(type, true)))
    const signature = target === undefined ? `(${shown.join(', ')})` : `${shown[0]}.(${shown.slice(1).join(', ')})`
    return this.#fail(call.offset, `found no matching overload for '${name}' applied to '${signature}'`)
  }

  #logic(call: CallExpression, name: string, args: readonly Type[]): Type {
    call.overloads = [name === '_&&_' ? 'logical_and' : 'logical_or']
    let result = BOOL
    for (const [index, type] of args.entries()) {
      if (this.#types.isAssignable(type, BOOL)) continue
      result = this.#fail(call.args[index]?.offset ?? call.offset, mismatch(BOOL, type))
    }
    return result
  }

  /** The result, and what is wanted; parameters are new ones each time. */
  #instantiate({ args, result, parameters }: Overload): Type[] {
    if (parameters.length === 0) return [result, ...args]
    const fresh = new Map(parameters.map((name) => [name, this.#newParameter()]))
    const replace = (type: Type): Type => {
      if (type.kind === 'parameter') return fresh.get(type.name) ?? type
      return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map(replace) }
    }
    return [result, ...args].map(replace)
  }

  #newParameter(): Type {
    return parameter(`_var${this.#count++}`)
  }

  // Lists, maps, messages

  #list({ elements, optional }: ListExpression): Type {
    let joined: Type | undefined
    for (const [index, element] of elements.entries()) {
      const type = this.visit(element)
      joined = this.#join(joined, optional.has(index) ? this.#unwrapOptional(element, type) : type)
    }
    return listOf(joined ?? this.#newParameter())
  }

  #map({ entries }: MapExpression): Type {
    let keys: Type | undefined
    let values: Type | undefined
    for (const { key, value, isOptional } of entries) {
      keys = this.#join(keys, this.visit(key))
      const type = this.visit(value)
      values = this.#join(values, isOptional ? this.#unwrapOptional(value, type) : type)
    }
    return mapOf(keys ?? this.#newParameter(), values ?? this.#newParameter())
  }

  #unwrapOptional(expression: Expression, type: Type): Type {
    const inner = unwrapped(type)
    if (inner === undefined && !isDyn(type)) this.#fail(expression.offset, mismatch(optionalOf(type), type))
    return inner ?? type
  }

  /** What is not of one type is dyn; whether it may be is up to validators.ts. */
  #join(before: Type | undefined, type: Type): Type {
    if (before === undefined) return type
    return this.#types.isAssignable(before, type) ? mostGeneral(before, type) : DYN
  }

  #struct(expression: StructExpression): Type {
    const named = this.#lookUp(expression.name)
    if (named === undefined) return this.#undeclared(expression.offset, expression.name)
    let result = ERROR
    if (named.kind !== 'type') {
      if (named.kind !== 'error') this.#fail(expression.offset, `'${named.name}' is not a type`)
    } else {
      const type = first(named)
      const isMessage = MESSAGES.has(type.kind) || type.kind === 'struct' || isJSONType(type)
      if (isMessage) result = type
      else this.#fail(expression.offset, `'${type.name}' is not a message type`)
    }
    const typeName = result.kind === 'error' ? withoutDot(expression.name) : result.name
    for (const { offset, name, value, isOptional } of expression.fields) {
      const given = this.visit(value)
      const wanted = this.#structField(offset, typeName, name) ?? ERROR
      const type = isOptional ? this.#unwrapOptional(value, given) : given
      if (!this.#types.isAssignable(wanted, type)) {
        const types = `'${formatType(wanted)}' but provided type is '${formatType(type)}'`
        this.#fail(offset, `expected type of field '${name}' is ${types}`)
      }
    }
    return result
  }

  #comprehension(expression: Comprehension): Type {
    const { range, initial, variable, variable2, accumulator, condition, step, result } = expression
    const rangeType = this.#types.apply(this.visit(range))
    const accumulatorType = this.visit(initial)
    const [one, two] = this.#variableTypes(range, this.#types.apply(rangeType), variable2 !== undefined)
    this.#scopes.push(new Map([[accumulator, accumulatorType]]))
    this.#scopes.push(
      new Map(
        variable2 === undefined
          ? [[variable, one]]
          : [
              [variable, one],
              [variable2, two],
            ],
      ),
    )
    this.#assert(condition, BOOL, this.visit(condition))
    this.#assert(step, accumulatorType, this.visit(step))
    this.#scopes.pop()
    const type = this.visit(result)
    this.#scopes.pop()
    return this.#types.apply(type)
  }

  #variableTypes(range: Expression, type: Type, hasTwo: boolean): readonly [Type, Type] {
    switch (type.kind) {
      case 'list':
        return hasTwo ? [INT, first(type)] : [first(type), DYN]
      case 'map':
        return [first(type), second(type)]
      case 'dyn':
      case 'error':
      case 'parameter':
        this.#types.isAssignable(DYN, type)
        return [DYN, DYN]
      default: {
        const kinds = '(must be list, map, or dynamic)'
        this.#fail(range.offset, `expression of type '${formatType(type)}' cannot be range of a comprehension ${kinds}`)
        return [ERROR, ERROR]
      }
    }
  }

  #assert(expression: Expression, wanted: Type, type: Type): void {
    if (!this.#types.isAssignable(wanted, type)) this.#fail(expression.offset, mismatch(wanted, type))
  }

  #undeclared(offset: number, name: string): Type {
    return this.#fail(offset, `undeclared reference to '${name}' (in container '')`)
  }

  #fail(offset: number, message: string): Type {
    this.#problems.add(offset, message)
    return ERROR
  }
}

const mismatch = (wanted: Type, type: Type): string =>
  `expected type '${formatType(wanted)}' but found '${formatType(type)}'`

/** `google.protobuf.ListValue` and `Struct`. */
const isJSONType = (type: Type): boolean =>
  (type.kind === 'list' && first(type) === DYN) ||
  (type.kind === 'map' && first(type) === STRING && second(type) === DYN)

const withoutDot = (name: string): string => (name.startsWith('.') ? name.slice(1) : name)
