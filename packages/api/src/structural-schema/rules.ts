// Rules in expressions (x-kubernetes-validations) that stand in a schema, compiled for its values.
import {
  BOOL,
  type DeclaredType,
  type Environment,
  type Expression,
  STRING,
  childrenOf,
  compileExpression,
  estimateCost,
  isSameType,
  makeEnvironment,
  optionalOf,
} from '../cel/index.ts'
import { schemaType } from './declared-type.ts'
import type { JsonSchema, ValidationRule } from './json-schema.ts'

/** In messages, types are named after the value. */
const SELF_TYPE = 'selfType'

/** What expressions see of the schema's values; undefined: nothing. */
export const selfType = (schema: JsonSchema, isResource: boolean): DeclaredType | undefined =>
  schemaType(schema, isResource || schema['x-kubernetes-embedded-resource'] === true, SELF_TYPE)?.declared

/** In bytes, of the least that such a value is in JSON. */
export const minimumSize = (schema: JsonSchema, isResource: boolean): number =>
  schemaType(schema, isResource || schema['x-kubernetes-embedded-resource'] === true, SELF_TYPE)?.minimumSize ?? 0

export interface CompiledRule {
  /** Undefined when the rule is as it should be. */
  readonly problem: string | undefined
  /** That of the expression that makes the message. Not looked at when the rule is wrong. */
  readonly messageProblem: string | undefined
  readonly usesOldSelf: boolean
  /** Of what is as it should be. */
  readonly expression?: Expression
  readonly message?: Expression
}

export class RuleCompiler {
  readonly #self: DeclaredType
  /** A rule may take the old value for one that need not be there. */
  readonly #environments = new Map<boolean, Environment>()

  constructor(self: DeclaredType) {
    this.#self = self
  }

  compile(rule: ValidationRule): CompiledRule {
    const environment = this.#environmentOf(rule)
    const compiled = compileExpression(rule.rule ?? '', environment)
    if ('errors' in compiled)
      return { problem: `compilation failed: ${compiled.errors}`, messageProblem: undefined, usesOldSelf: false }
    if (!isSameType(compiled.outputType, BOOL)) {
      const problem = 'cel expression must evaluate to a bool'
      return { problem, messageProblem: undefined, usesOldSelf: false }
    }
    const { expression } = compiled
    return {
      problem: undefined,
      usesOldSelf: readsOldSelf(expression),
      expression,
      ...compileMessage(rule.messageExpression ?? '', environment),
    }
  }

  /** At worst. The old value is as large as the new one; so is, to upstream, what is made on the way. */
  costOf(expression: Expression): number {
    const sizes = new Map([
      ['self', this.#self],
      ['oldSelf', this.#self],
    ])
    return estimateCost(expression, sizes, this.#self).max
  }

  #environmentOf({ optionalOldSelf = false }: ValidationRule): Environment {
    const known = this.#environments.get(optionalOldSelf)
    if (known !== undefined) return known
    const oldSelf = optionalOldSelf ? { type: optionalOf(this.#self.type) } : this.#self
    const made = makeEnvironment({ self: this.#self, oldSelf })
    this.#environments.set(optionalOldSelf, made)
    return made
  }
}

function compileMessage(text: string, environment: Environment): Pick<CompiledRule, 'messageProblem' | 'message'> {
  if (text === '') return { messageProblem: undefined }
  const compiled = compileExpression(text, environment)
  if ('errors' in compiled) return { messageProblem: `messageExpression compilation failed: ${compiled.errors}` }
  return isSameType(compiled.outputType, STRING)
    ? { messageProblem: undefined, message: compiled.expression }
    : { messageProblem: 'messageExpression must evaluate to a string' }
}

const readsOldSelf = (expression: Expression): boolean =>
  (expression.kind === 'ident' && expression.name === 'oldSelf') || childrenOf(expression).some(readsOldSelf)
