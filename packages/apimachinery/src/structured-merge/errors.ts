// What is wrong with a value for its type, in upstream's words: one error on its line, several under a heading.

export interface TypeProblem {
  /** `.spec.ports[port=80,protocol="TCP"]`; '' for the value itself. */
  readonly path: string
  readonly message: string
}

/** A value does not fit its schema, or its items cannot be told apart. */
export class StructuredMergeError extends Error {
  override readonly name = 'StructuredMergeError'

  constructor(problems: readonly TypeProblem[]) {
    super(textOf(problems))
  }
}

function textOf(problems: readonly TypeProblem[]): string {
  const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return lines.length === 1 ? lines.join() : ['errors:', ...lines.map((line) => `  ${line}`)].join('\n')
}
