// Whether a text can stand between the braces of a JSONPath template, as kubectl's parser reads it.

type Step = readonly [pattern: RegExp, problem?: (text: string) => string | undefined]

const UNION = /^\[([^\]\n]*)\]/
/** What a text may begin with, in the order in which it is tried; then what follows it. */
const STEPS: readonly Step[] = [
  [/^\[\?\([^\n]*?\)\]/],
  [/^\[\?\(/, () => 'unterminated filter'],
  [/^\.\.\.\./, () => 'invalid multiple recursive descent'],
  [/^\.\./],
  [/^[\n\r]/, () => 'unclosed action'],
  [/^[ @$]/],
  [
    UNION,
    (text) =>
      (UNION.exec(text)?.[1] ?? '')
        .split(',')
        .map(indexProblem)
        .find((problem) => problem !== undefined),
  ],
  [/^\[/, () => 'unterminated array'],
  [/^(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/],
  [/^["']/, () => 'unterminated quoted string'],
  // A field, or a name: up to what begins something else.
  [/^\.[^ \n\r.,[\]$@{}]*/],
  [/^[+-]?[\d.]*\d[\d.]*/, (text) => (Number.isNaN(Number(text)) ? `cannot parse number ${text}` : undefined)],
  [/^[+-]/, (text) => `cannot parse number ${text}`],
  [/^[\p{L}\p{Nd}_][^ \n\r.,[\]$@{}]*/u],
]
/** An index, a slice, a star or a quoted name. */
const INDEX = /^(?:\*|-?\d*(?::-?\d*){0,2}|'(?:[^']|\\')*')$/

const indexProblem = (text: string): string | undefined =>
  INDEX.test(text.trim()) ? undefined : `invalid array index ${text}`

/** Undefined: nothing is wrong with it. */
export function jsonPathProblem(text: string): string | undefined {
  let rest = text
  // A brace ends the path; what follows it is text.
  while (rest !== '' && !rest.startsWith('}')) {
    const step = STEPS.find(([pattern]) => pattern.test(rest))
    const [found = ''] = step?.[0].exec(rest) ?? []
    if (step === undefined || found === '') return unrecognized(String.fromCodePoint(rest.codePointAt(0) ?? 0))
    const problem = step[1]?.(found)
    if (problem !== undefined) return problem
    rest = rest.slice(found.length)
  }
  return undefined
}

function unrecognized(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `unrecognized character in action: U+${code} '${character}'`
}
