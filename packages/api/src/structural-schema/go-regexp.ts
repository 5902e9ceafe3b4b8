// Regular expressions of Go: RE2's syntax, which never takes long to match. What Go refuses is refused in its words.
import { createRequire } from 'node:module'

export interface GoRegexp {
  /** Whether it is found anywhere in the text. */
  matches(text: string): boolean
}

type Engine = typeof import('re2js').RE2JS

/**
 * To read a pattern takes time with its length (5 ms for 3,000 classes of Unicode letters), and the loop waits for it. Upstream
 * has no limit but that of memory.
 */
export const MAX_PATTERN_LENGTH = 10_000
const PREFIX = 'error parsing regexp: '
/** Go allows two groups of one name, the engine does not. */
const DUPLICATE_NAME = `${PREFIX}duplicate capture group name`
const NAMED_GROUP = /\(\?P?<\w+>/g

let loaded: Engine | undefined

const engine = (): Engine =>
  // require() is untyped; the library is big, and few need it.
  (loaded ??= (createRequire(import.meta.url)('re2js') as typeof import('re2js')).RE2JS)

/** Patterns repeat, within a definition and from one write to the next. */
const CACHED_PATTERNS = 1000
const cache = new Map<string, GoRegexp | string>()

/** A text is why it is none. */
export function goRegexp(pattern: string): GoRegexp | string {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  const made = pattern.length > MAX_PATTERN_LENGTH ? `${PREFIX}expression too large` : read(pattern)
  if (pattern.length > MAX_PATTERN_LENGTH) return made
  if (cache.size >= CACHED_PATTERNS) cache.clear()
  cache.set(pattern, made)
  return made
}

/** Undefined when nothing is wrong with it. */
export function goRegexpProblem(pattern: string): string | undefined {
  const made = goRegexp(pattern)
  return typeof made === 'string' ? made : undefined
}

function read(pattern: string): GoRegexp | string {
  try {
    return compile(pattern)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    // A fault of the engine's own, not of the pattern.
    if (!text.startsWith(PREFIX)) throw error
    if (text.startsWith(DUPLICATE_NAME)) return read(pattern.replaceAll(NAMED_GROUP, '('))
    // Go repeats the pattern, or nothing, where the engine says less.
    if (text.endsWith('`')) return text
    return text.startsWith(`${PREFIX}trailing backslash`) ? `${text}: \`\`` : `${text}: \`${pattern}\``
  }
}

function compile(pattern: string): GoRegexp {
  const compiled = engine().compile(pattern)
  return { matches: (text) => compiled.matcher(text).find() }
}
