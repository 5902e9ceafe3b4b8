// Regular expressions of Go: RE2's syntax, which never takes long to match. What Go refuses is refused in its words.
import { createRequire } from 'node:module'
import { shortClassName } from './regexp-escapes.ts'
import { regexpProblem } from './regexp-syntax.ts'

export interface GoRegexp {
  /** Whether it is found anywhere in the text. */
  matches(text: string): boolean
}

type Engine = typeof import('re2js').RE2JS

/**
 * To make a pattern ready takes time with its length (250 ms for 3,000 classes of Unicode letters), and the loop waits for it.
 * Upstream has no limit but that of memory.
 */
export const MAX_PATTERN_LENGTH = 10_000
const PREFIX = 'error parsing regexp: '
const DUPLICATE_NAME = `${PREFIX}duplicate capture group name`
const NAMED_GROUP = /\(\?P?<\w+>/g

let loaded: Engine | undefined

const engine = (): Engine =>
  // require() is untyped; the library is big, and few need it.
  (loaded ??= (createRequire(import.meta.url)('re2js') as typeof import('re2js')).RE2JS)

/** Patterns repeat, within a definition and from one write to the next. */
const CACHED_PATTERNS = 1000
const cache = new Map<string, GoRegexp>()

/** A text is why it is none. It is made ready to match when it first does. */
export function goRegexp(pattern: string): GoRegexp | string {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  const problem = goRegexpProblem(pattern)
  if (problem !== undefined) return problem
  const made = new LazyRegexp(pattern)
  if (cache.size >= CACHED_PATTERNS) cache.clear()
  cache.set(pattern, made)
  return made
}

/** Undefined when nothing is wrong with it. */
export function goRegexpProblem(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) return `${PREFIX}expression too large: \`${pattern}\``
  const problem = regexpProblem(pattern)
  return problem === undefined ? undefined : PREFIX + problem
}

class LazyRegexp implements GoRegexp {
  readonly #pattern: string
  #compiled: ReturnType<Engine['compile']> | undefined

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  matches(text: string): boolean {
    this.#compiled ??= compile(this.#pattern)
    return this.#compiled.matcher(text).find()
  }
}

/** A character before the beginning. */
const NEVER = 'a\\A'
const UNICODE_CLASS = /\\(p|P)\{(\^?)([^}]*)\}/g

/** Go takes what the engine does not: two groups of one name, classes in any spelling. */
function compile(pattern: string): ReturnType<Engine['compile']> {
  const spelled = pattern.replaceAll(
    UNICODE_CLASS,
    (_, kind: string, not: string, name: string) => `\\${kind}{${not}${shortClassName(name)}}`,
  )
  try {
    return engine().compile(spelled)
  } catch (error) {
    if (error instanceof Error && error.message.startsWith(DUPLICATE_NAME))
      return engine().compile(spelled.replaceAll(NAMED_GROUP, '('))
    // \p{ASCII} and \p{Assigned}, which the engine does not have: nothing is found by such a pattern.
    return engine().compile(NEVER)
  }
}
