// x-kubernetes-validations: their expressions are compiled against the schema that they stand in.
import { type FieldError, type FieldPath, fieldInternal, fieldInvalid } from '@keelson/apimachinery'
import type { JsonSchema, ValidationRule } from '../structural-schema/json-schema.ts'
import { RuleCompiler, minimumSize, selfType } from '../structural-schema/rules.ts'
import { RuleCosts, membersOf, mostInRequest, timesOf } from './definition-cost.ts'
import { internalForm } from './internal-form.ts'

/** Where expressions stand; what is found is told after all that is wrong with schemas. */
export interface ExpressionScope {
  readonly errors: FieldError[]
  /** Undefined: no rules here or around. False: of a schema with rules around this one, expressions can see nothing. */
  readonly isVisible?: boolean
  /** The list whose items cannot be told apart: there are no old ones to compare with. */
  readonly withoutOld?: FieldPath
  readonly isRoot: boolean
  /** How often a value of the schema can be there; undefined: nothing limits it. */
  readonly cardinality: number | undefined
  readonly costs: RuleCosts
}

/** Of a whole schema. */
export const rootScope = (): ExpressionScope => ({
  errors: [],
  isRoot: true,
  cardinality: 1,
  costs: new RuleCosts(),
})

const NO_TYPES =
  'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations'

/** For what is within the schema. */
export function withinRules(scope: ExpressionScope, schema: JsonSchema): ExpressionScope {
  const members = membersOf(schema)
  const cardinality =
    scope.cardinality === undefined || members === undefined ? undefined : timesOf(scope.cardinality, members)
  const inner = { ...scope, isRoot: false, cardinality }
  if (!schema['x-kubernetes-validations']?.length) return inner
  return { ...inner, isVisible: scope.isVisible !== false && typeFor(scope, schema) !== undefined }
}

const typeFor = ({ isRoot }: ExpressionScope, schema: JsonSchema): ReturnType<typeof selfType> =>
  selfType(schema, isRoot)

export function checkExpressions(scope: ExpressionScope, schema: JsonSchema, path: FieldPath): void {
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return
  const where = path.child('x-kubernetes-validations')
  const self = scope.isVisible === false ? undefined : typeFor(scope, schema)
  if (self === undefined) return void scope.errors.push(fieldInternal(where, NO_TYPES))
  const compiler = new RuleCompiler(self)
  const cardinality = scope.cardinality ?? mostInRequest(minimumSize(schema, scope.isRoot))
  for (const [index, rule] of rules.entries()) checkRule({ ...scope, cardinality }, rule, compiler, where.index(index))
}

function checkRule(
  scope: ExpressionScope & { cardinality: number },
  rule: ValidationRule,
  compiler: RuleCompiler,
  path: FieldPath,
): void {
  const { errors, withoutOld, costs } = scope
  const refuse = (field: string, detail: string): void =>
    void errors.push(fieldInvalid(path.child(field), internalForm('apiextensions.ValidationRule', rule), detail))
  const { problem, messageProblem, usesOldSelf, expression, message } = compiler.compile(rule)
  if (expression !== undefined) {
    const cost = timesOf(compiler.costOf(expression), scope.cardinality)
    costs.add(errors, path.child('rule'), 'estimated rule cost', cost)
  }
  if (problem !== undefined) refuse('rule', problem)
  if (messageProblem !== undefined) refuse('messageExpression', messageProblem)
  if (message !== undefined) {
    const cost = compiler.costOf(message)
    costs.add(errors, path.child('messageExpression'), 'estimated messageExpression cost', cost)
  }
  if (usesOldSelf) {
    if (withoutOld === undefined) return
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${String(withoutOld)}`
    errors.push(fieldInvalid(path.child('rule'), rule.rule, detail))
  } else if (rule.optionalOldSelf !== undefined) {
    const detail = 'may not be set if oldSelf is not used in rule'
    errors.push(fieldInvalid(path.child('optionalOldSelf'), rule.optionalOldSelf, detail))
  }
}
