// What an expression is made of once it is parsed and its macros are expanded.
import type { Type } from './types.ts'

export type Literal =
  | { readonly of: 'null' }
  | { readonly of: 'bool'; readonly value: boolean }
  | { readonly of: 'int' | 'uint'; readonly value: bigint }
  | { readonly of: 'double'; readonly value: number }
  /** Bytes are kept as text, too: a character a byte. */
  | { readonly of: 'string' | 'bytes'; readonly value: string }

interface Place {
  /** Where a message about it points, in code points. */
  readonly offset: number
  /** Set by the checker. */
  type?: Type
}

export interface MapEntry {
  readonly offset: number
  readonly key: Expression
  readonly value: Expression
  readonly isOptional: boolean
}

export interface StructField {
  readonly offset: number
  readonly name: string
  readonly value: Expression
  readonly isOptional: boolean
}

export type LiteralExpression = Place & { readonly kind: 'literal'; readonly literal: Literal }
export type CallExpression = Place & {
  readonly kind: 'call'
  readonly name: string
  readonly target?: Expression
  readonly args: readonly Expression[]
  /** Set by the checker: the overloads that fit, and whether the target was part of the name. */
  overloads?: readonly string[]
  isNamespaced?: boolean
}
export type SelectExpression = Place & {
  readonly kind: 'select'
  readonly operand: Expression
  readonly field: string
  /** `has(operand.field)` */
  readonly isTest: boolean
  /** Set by the checker: the whole is the name of a variable. */
  qualifiedName?: string
}
export type ListExpression = Place & {
  readonly kind: 'list'
  readonly elements: readonly Expression[]
  readonly optional: ReadonlySet<number>
}
export type MapExpression = Place & { readonly kind: 'map'; readonly entries: readonly MapEntry[] }
export type StructExpression = Place & {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: readonly StructField[]
}
export type Comprehension = Place & {
  readonly kind: 'comprehension'
  readonly range: Expression
  readonly variable: string
  readonly variable2: string | undefined
  readonly accumulator: string
  readonly initial: Expression
  readonly condition: Expression
  readonly step: Expression
  readonly result: Expression
}

export type Expression =
  | LiteralExpression
  | (Place & { readonly kind: 'ident'; readonly name: string })
  | SelectExpression
  | CallExpression
  | ListExpression
  | MapExpression
  | StructExpression
  | Comprehension
  /** What a syntax error left unknown. */
  | (Place & { readonly kind: 'unspecified' })

/** The parts, in the order in which they are visited. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'select':
      return [expression.operand]
    case 'call':
      return expression.target === undefined || expression.isNamespaced === true
        ? expression.args
        : [expression.target, ...expression.args]
    case 'list':
      return expression.elements
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value])
    case 'struct':
      return expression.fields.map(({ value }) => value)
    case 'comprehension': {
      const { range, initial, condition, step, result } = expression
      return [range, initial, condition, step, result]
    }
    case 'literal':
    case 'ident':
    case 'unspecified':
      return []
  }
}

/** `a.b.c`, when the expression is nothing but names. */
export function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === 'ident') return expression.name
  if (expression.kind !== 'select' || expression.isTest) return undefined
  const before = qualifiedName(expression.operand)
  return before === undefined ? undefined : `${before}.${expression.field}`
}
