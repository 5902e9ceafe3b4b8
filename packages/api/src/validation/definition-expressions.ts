// x-kubernetes-validations: their expressions are compiled against the schema that they stand in.
import { type FieldError, type FieldPath, fieldInternal, fieldInvalid } from '@keelson/apimachinery'
import {
  BOOL,
  type DeclaredType,
  type Environment,
  type Expression,
  STRING,
  childrenOf,
  compileExpression,
  isSameType,
  makeEnvironment,
  optionalOf,
} from '../cel/index.ts'
import { schemaType } from '../structural-schema/declared-type.ts'
import type { JsonSchema, ValidationRule } from '../structural-schema/json-schema.ts'
import { internalForm } from './internal-form.ts'

/** Where expressions stand; what is found is told after all that is wrong with schemas. */
export interface ExpressionScope {
  readonly errors: FieldError[]
  /** Undefined: no rules here or around. False: of a schema with rules around this one, expressions can see nothing. */
  readonly isVisible?: boolean
  /** The list whose items cannot be told apart: there are no old ones to compare with. */
  readonly withoutOld?: FieldPath
  readonly isRoot: boolean
}

/** In messages, types are named after the value. */
const SELF_TYPE = 'selfType'
const NO_TYPES =
  'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations'

/** For what is within the schema. */
export function withinRules(scope: ExpressionScope, schema: JsonSchema): ExpressionScope {
  if (!schema['x-kubernetes-validations']?.length) return scope.isRoot ? { ...scope, isRoot: false } : scope
  return { ...scope, isRoot: false, isVisible: scope.isVisible !== false && typeFor(scope, schema) !== undefined }
}

const typeFor = ({ isRoot }: ExpressionScope, schema: JsonSchema): DeclaredType | undefined =>
  schemaType(schema, isRoot || schema['x-kubernetes-embedded-resource'] === true, SELF_TYPE)?.declared

export function checkExpressions(scope: ExpressionScope, schema: JsonSchema, path: FieldPath): void {
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return
  const where = path.child('x-kubernetes-validations')
  const self = scope.isVisible === false ? undefined : typeFor(scope, schema)
  if (self === undefined) return void scope.errors.push(fieldInternal(where, NO_TYPES))
  const environments = new Environments(self)
  for (const [index, rule] of rules.entries()) checkRule(scope, rule, environments, where.index(index))
}

/** A rule may take the old value for one that need not be there. */
class Environments {
  readonly #self: DeclaredType
  readonly #made = new Map<boolean, Environment>()

  constructor(self: DeclaredType) {
    this.#self = self
  }

  for({ optionalOldSelf = false }: ValidationRule): Environment {
    const known = this.#made.get(optionalOldSelf)
    if (known !== undefined) return known
    const oldSelf = optionalOldSelf ? { type: optionalOf(this.#self.type) } : this.#self
    const made = makeEnvironment({ self: this.#self, oldSelf })
    this.#made.set(optionalOldSelf, made)
    return made
  }
}

function checkRule(scope: ExpressionScope, rule: ValidationRule, environments: Environments, path: FieldPath): void {
  const { errors, withoutOld } = scope
  const { rule: text = '', messageExpression = '', optionalOldSelf } = rule
  const environment = environments.for(rule)
  const refuse = (field: string, detail: string): void =>
    void errors.push(fieldInvalid(path.child(field), internalForm('apiextensions.ValidationRule', rule), detail))
  const compiled = compileExpression(text, environment)
  const isBoolean = 'outputType' in compiled && isSameType(compiled.outputType, BOOL)
  if (!isBoolean) {
    const detail =
      'errors' in compiled ? `compilation failed: ${compiled.errors}` : 'cel expression must evaluate to a bool'
    refuse('rule', detail)
  } else if (messageExpression !== '') {
    const message = compileExpression(messageExpression, environment)
    if ('errors' in message) refuse('messageExpression', `messageExpression compilation failed: ${message.errors}`)
    else if (!isSameType(message.outputType, STRING))
      refuse('messageExpression', 'messageExpression must evaluate to a string')
  }
  if (isBoolean && readsOldSelf(compiled.expression)) {
    if (withoutOld === undefined) return
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${String(withoutOld)}`
    errors.push(fieldInvalid(path.child('rule'), text, detail))
  } else if (optionalOldSelf !== undefined) {
    const detail = 'may not be set if oldSelf is not used in rule'
    errors.push(fieldInvalid(path.child('optionalOldSelf'), optionalOldSelf, detail))
  }
}

const readsOldSelf = (expression: Expression): boolean =>
  (expression.kind === 'ident' && expression.name === 'oldSelf') || childrenOf(expression).some(readsOldSelf)
