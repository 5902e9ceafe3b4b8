// The syntax of Go's regular expressions, only checked: in one pass, without building what would match. Errors are Go's, in the
// order in which Go finds them.
import { RegexpProblem, characterAt, readClass, readClassEscape, readEscape } from './regexp-escapes.ts'

const MAX_REPEAT = 1000
const MAX_HEIGHT = 1000
/** Instructions of the program that Go would make. */
const MAX_SIZE = 3_355_443
const BAD_PERL = 'invalid or unsupported Perl syntax'

/** What is known of a part of the pattern. */
interface Part {
  /** Levels of the tree. */
  readonly height: number
  readonly size: number
  /** How often its innermost repeated part may occur. */
  readonly repeats: number
  readonly isLiteral: boolean
}

/** An open group: its finished alternatives, and the parts of the one that is being read. */
interface Group {
  readonly captures: boolean
  branches: Part[]
  parts: Part[]
}

const LITERAL: Part = { height: 1, size: 1, repeats: 0, isLiteral: true }
const SINGLE: Part = { ...LITERAL, isLiteral: false }

/** What is wrong with it in Go's words, without `error parsing regexp: `; undefined when nothing is. */
export function regexpProblem(pattern: string): string | undefined {
  try {
    new Checker(pattern).check()
    return undefined
  } catch (error) {
    if (error instanceof RegexpProblem) return error.message
    throw error
  }
}

class Checker {
  readonly #pattern: string
  readonly #groups: Group[] = [{ captures: false, branches: [], parts: [] }]
  #at = 0
  /** Where the repetition began that was just read; undefined after anything else. */
  #lastRepeat: number | undefined

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  check(): void {
    while (this.#at < this.#pattern.length) {
      const start = this.#at
      const isRepeat = this.#read(characterAt(this.#pattern, start))
      this.#lastRepeat = isRepeat ? start : undefined
    }
    if (this.#groups.length > 1) this.#fail('missing closing )', this.#pattern)
    this.#close(this.#innermost())
  }

  #fail(what: string, text: string): never {
    throw new RegexpProblem(what, text)
  }

  #innermost(): Group {
    return this.#groups.at(-1) ?? { captures: false, branches: [], parts: [] }
  }

  /** Whether it was a repetition. */
  #read(character: string): boolean {
    const pattern = this.#pattern
    switch (character) {
      case '(':
        this.#open()
        return false
      case '|': {
        const group = this.#innermost()
        group.branches.push(branchOf(group.parts))
        group.parts = []
        this.#at++
        return false
      }
      case ')':
        this.#closeGroup()
        return false
      case '[':
        this.#at = readClass(pattern, this.#at)
        this.#push(SINGLE)
        return false
      case '*':
      case '+':
      case '?':
        this.#repeat(this.#at + 1, undefined)
        return true
      case '{':
        return this.#count()
      case '\\':
        this.#escape()
        return false
      default:
        this.#at += character.length
        this.#push('^$.'.includes(character) ? SINGLE : LITERAL)
        return false
    }
  }

  #push(part: Part): void {
    this.#innermost().parts.push(part)
  }

  #open(): void {
    const pattern = this.#pattern
    if (pattern[this.#at + 1] !== '?') {
      this.#at++
      this.#groups.push({ captures: true, branches: [], parts: [] })
      return
    }
    const named = /^\(\?P?</.exec(pattern.slice(this.#at, this.#at + 4))?.[0]
    if (named !== undefined && pattern.length > this.#at + named.length) this.#openNamed(named.length)
    else this.#flags()
  }

  #openNamed(prefix: number): void {
    const rest = this.#pattern.slice(this.#at)
    const close = rest.indexOf('>')
    if (close < 0) this.#fail('invalid named capture', rest)
    if (!/^\w+$/.test(rest.slice(prefix, close))) this.#fail('invalid named capture', rest.slice(0, close + 1))
    this.#at += close + 1
    this.#groups.push({ captures: true, branches: [], parts: [] })
  }

  /** `(?i)`, `(?s-m:`: of a minus, at least one flag must follow. */
  #flags(): void {
    const found = /^\(\?(?:[imsU]*(?:-[imsU]+)?)([:)])/.exec(this.#pattern.slice(this.#at))
    if (found === null) {
      const wrong = /^\(\?[imsU]*(?:-[imsU]*)?/.exec(this.#pattern.slice(this.#at))?.[0] ?? ''
      const next = characterAt(this.#pattern, this.#at + wrong.length)
      this.#fail(BAD_PERL, wrong + next)
    }
    this.#at += found[0].length
    if (found[1] === ':') this.#groups.push({ captures: false, branches: [], parts: [] })
  }

  #closeGroup(): void {
    if (this.#groups.length === 1) this.#fail('unexpected )', this.#pattern)
    const group = this.#innermost()
    this.#groups.pop()
    this.#at++
    const inner = this.#close(group)
    this.#push(group.captures ? { ...inner, height: inner.height + 1, size: inner.size + 2, isLiteral: false } : inner)
  }

  #close({ branches, parts }: Group): Part {
    const last = branchOf(parts)
    const part = branches.length === 0 ? last : together([...branches, last], branches.length)
    return this.#bounded(part)
  }

  #bounded(part: Part): Part {
    if (part.size > MAX_SIZE) this.#fail('expression too large', this.#pattern)
    if (part.height > MAX_HEIGHT) this.#fail('expression nests too deeply', this.#pattern)
    return part
  }

  /** `{2}`, `{2,}`, `{2,5}`; anything else in braces is itself. */
  #count(): boolean {
    const rest = this.#pattern.slice(this.#at, this.#at + 40)
    const found = /^\{(0|[1-9]\d*)(,?)((?:0|[1-9]\d*)?)\}/.exec(rest)
    if (found === null || (found[2] === '' && found[3] !== '')) {
      this.#at++
      this.#push(LITERAL)
      return false
    }
    const [text, from, comma, to] = found
    const minimum = Number(from)
    const maximum = to !== '' ? Number(to) : comma === '' ? minimum : undefined
    if (minimum > MAX_REPEAT || (maximum !== undefined && (maximum > MAX_REPEAT || minimum > maximum)))
      this.#fail('invalid repeat count', text)
    this.#repeat(this.#at + text.length, { minimum, maximum })
    return true
  }

  #repeat(after: number, count: { readonly minimum: number; readonly maximum: number | undefined } | undefined): void {
    const start = this.#at
    const end = this.#pattern[after] === '?' ? after + 1 : after
    const text = this.#pattern.slice(start, end)
    if (this.#lastRepeat !== undefined)
      this.#fail('invalid nested repetition operator', this.#pattern.slice(this.#lastRepeat, end))
    const { parts } = this.#innermost()
    const part = parts.pop()
    if (part === undefined) this.#fail('missing argument to repetition operator', text)
    parts.push(this.#bounded(this.#repeated(part, text, count)))
    this.#at = end
  }

  #repeated(
    part: Part,
    text: string,
    count: { readonly minimum: number; readonly maximum: number | undefined } | undefined,
  ): Part {
    const height = part.height + 1
    if (count === undefined) return { ...part, height, size: part.size + 1, isLiteral: false }
    const { minimum, maximum } = count
    const times = maximum ?? minimum
    const repeats = maximum === 0 ? 0 : times === 0 ? part.repeats : times * Math.max(1, part.repeats)
    if (Math.max(minimum, maximum ?? 0) >= 2 && repeats > MAX_REPEAT) this.#fail('invalid repeat count', text)
    const size = maximum === undefined ? 1 + minimum * part.size : maximum * part.size + (maximum - minimum)
    return { height, size: Math.max(1, size), repeats, isLiteral: false }
  }

  #escape(): void {
    const pattern = this.#pattern
    const kind = pattern[this.#at + 1]
    if (kind === 'C') this.#fail('invalid escape sequence', '\\C')
    if (kind === 'Q') return this.#quoted()
    if (kind !== undefined && 'AbBz'.includes(kind)) {
      this.#at += 2
      return this.#push(SINGLE)
    }
    const classEnd = readClassEscape(pattern, this.#at)
    this.#at = classEnd ?? readEscape(pattern, this.#at).end
    this.#push(classEnd === undefined ? LITERAL : SINGLE)
  }

  #quoted(): void {
    const start = this.#at + 2
    const end = this.#pattern.indexOf('\\E', start)
    for (const _ of this.#pattern.slice(start, end < 0 ? undefined : end)) this.#push(LITERAL)
    this.#at = end < 0 ? this.#pattern.length : end + 2
  }
}

/** One after the other; letters in a row are one. */
function branchOf(parts: readonly Part[]): Part {
  const [first] = parts
  if (first === undefined) return SINGLE
  if (parts.length === 1) return first
  if (parts.every(({ isLiteral }) => isLiteral)) return { ...LITERAL, size: parts.length }
  return together(parts, 0)
}

function together(parts: readonly Part[], extra: number): Part {
  let [height, size, repeats] = [0, extra, 0]
  for (const part of parts) {
    height = Math.max(height, part.height)
    size += part.size
    repeats = Math.max(repeats, part.repeats)
  }
  return { height: height + 1, size, repeats, isLiteral: false }
}
