// From the text of an expression to what it means, or to what is wrong with it, in the words of the real server.
import { check } from './checker.ts'
import type { Environment } from './environment.ts'
import type { Expression } from './expression.ts'
import { parse } from './parser.ts'
import { Problems, Source } from './source.ts'
import { translate } from './translate.ts'
import type { Type } from './types.ts'
import { validate } from './validators.ts'

/** `errors`: a line a message, each with its place in the expression. */
export type Compiled = { readonly outputType: Type; readonly expression: Expression } | { readonly errors: string }

/** Time and memory are bounded by the limits of parser.ts and macros.ts. */
export function compileExpression(text: string, environment: Environment): Compiled {
  const source = new Source(text)
  const problems = new Problems(source)
  const tree = parse(source, problems)
  const expression = tree === undefined ? undefined : translate(tree, problems, environment.macros)
  if (expression === undefined || problems.count > 0) return { errors: problems.toString() }
  const outputType = check(expression, environment, problems)
  if (problems.count === 0) validate(expression, problems)
  return problems.count > 0 ? { errors: problems.toString() } : { outputType, expression }
}
