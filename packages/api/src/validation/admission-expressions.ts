// Expressions of admission policies and match conditions: they must compile, and have the type that is wanted. The real server
// checks what was stored before against the libraries of its next version, too; ours has one version, so all are checked alike.
import { type FieldError, type FieldPath, fieldInvalid } from '@keelson/apimachinery'
import {
  admissionEnvironment,
  type AdmissionScope,
  compileExpression,
  describeType,
  DYN,
  type Environment,
  isSameType,
  type Type,
} from '../cel/index.ts'

const environments = new Map<string, Environment>()

/** Compiles a policy's expressions: its variables, one after the other, then what may use them. */
export class PolicyExpressions {
  readonly #hasParams: boolean
  readonly #variables: Map<string, Type> | undefined
  /** Of the variables so far. */
  readonly #environments = new Map<string, Environment>()

  constructor(hasParams: boolean, hasVariables: boolean) {
    this.#hasParams = hasParams
    this.#variables = hasVariables ? new Map() : undefined
  }

  /** One that is wrong is of any type to those that use it. */
  addVariable(errors: FieldError[], path: FieldPath, name: string, expression: string): void {
    const type = compile(errors, path, expression, expression, this.#environment({ hasAuthorizer: true }), undefined)
    this.#variables?.set(name, type ?? DYN)
    this.#environments.clear()
  }

  /** `shown` is what the error quotes, when it is not what is compiled. */
  check(
    errors: FieldError[],
    path: FieldPath,
    expression: string,
    wanted: readonly Type[],
    scope: Pick<AdmissionScope, 'hasAuthorizer' | 'hasPatchTypes'> = { hasAuthorizer: true },
    shown = expression,
  ): void {
    compile(errors, path, expression, shown, this.#environment(scope), wanted)
  }

  #environment(scope: Pick<AdmissionScope, 'hasAuthorizer' | 'hasPatchTypes'>): Environment {
    if (this.#variables === undefined) return environmentOf({ ...scope, hasParams: this.#hasParams })
    const key = `${scope.hasAuthorizer} ${scope.hasPatchTypes}`
    const known = this.#environments.get(key)
    if (known !== undefined) return known
    const made = admissionEnvironment({ ...scope, hasParams: this.#hasParams, variables: this.#variables })
    this.#environments.set(key, made)
    return made
  }
}

/** An expression without variables. */
export function checkAdmissionExpression(
  errors: FieldError[],
  path: FieldPath,
  expression: string,
  wanted: readonly Type[],
  scope: AdmissionScope,
): void {
  compile(errors, path, expression, expression, environmentOf(scope), wanted)
}

function environmentOf(scope: AdmissionScope): Environment {
  const key = `${scope.hasParams} ${scope.hasAuthorizer} ${scope.hasPatchTypes}`
  const known = environments.get(key)
  if (known !== undefined) return known
  const made = admissionEnvironment(scope)
  environments.set(key, made)
  return made
}

/** The type of what the expression evaluates to, or undefined when there is an error. */
function compile(
  errors: FieldError[],
  path: FieldPath,
  expression: string,
  shown: string,
  environment: Environment,
  wanted: readonly Type[] | undefined,
): Type | undefined {
  const compiled = compileExpression(expression, environment)
  if ('errors' in compiled) {
    errors.push(fieldInvalid(path, shown, `compilation failed: ${compiled.errors}`))
    return undefined
  }
  const { outputType } = compiled
  if (wanted !== undefined && !wanted.some((type) => isSameType(outputType, type))) {
    const [one, ...others] = wanted.map(describeType)
    const types = others.length === 0 ? one : `one of [${wanted.map(describeType).join(' ')}]`
    errors.push(fieldInvalid(path, shown, `must evaluate to ${types} but got ${describeType(outputType)}`))
    return undefined
  }
  return outputType
}
