// Label selectors: the text form (`a=b,c in (d,e),!f,g>5`), the object form (metav1.LabelSelector), and matching.
// Grammar and messages are those of apimachinery/labels.
import { goQuote, compareBytes } from '../go-text.ts'
import type { LabelRequirement, LabelSelector } from '../selector.ts'
import { StatusError, badRequest } from '../status.ts'
import type { JsonValue } from '../types.ts'
import { isLabelValue, isQualifiedName } from '../validation/names.ts'
import { type Token, tokenize } from './label-tokens.ts'

/** Longer texts are refused: matching costs time in proportion to the requirements, for every object. */
export const MAX_SELECTOR_LENGTH = 1 << 20
export const MAX_REQUIREMENTS = 4096

type Operator = LabelRequirement['operator']

/** Parses the text form. StatusError 400 with upstream's message. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text === '') return everything()
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw badRequest(`label selector is too long: ${text.length} characters, at most ${MAX_SELECTOR_LENGTH}`)
  }
  return labelSelectorOf(new Parser(tokenize(text)).parse())
}

/** A selector of these requirements; they need not be sorted. */
export function labelSelectorOf(requirements: readonly LabelRequirement[]): LabelSelector {
  if (requirements.length === 0) return everything()
  return new Requirements(requirements.map((requirement) => new Matcher(requirement)))
}

/** `{a: 'b'}` → `a=b`, without validation. */
export function labelSelectorFromSet(labels: Readonly<Record<string, string>>): LabelSelector {
  return labelSelectorOf(Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] })))
}

/**
 * metav1.LabelSelector: `null` or undefined selects nothing, `{}` everything. StatusError 400 for unknown operators and
 * invalid keys or values.
 */
export function labelSelectorFromObject(
  selector: { readonly matchLabels?: unknown; readonly matchExpressions?: unknown } | null | undefined,
): LabelSelector {
  if (selector === null || selector === undefined) return nothing()
  const requirements: LabelRequirement[] = []
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) requirements.push(requirement(key, '=', [String(value)]))
  const expressions: readonly unknown[] = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : []
  for (const expression of expressions) requirements.push(requirementFromExpression(expression))
  return labelSelectorOf(requirements)
}

const EXPRESSION_OPERATORS: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

function requirementFromExpression(expression: unknown): LabelRequirement {
  // The schema has checked the shape where it matters; here anything else reads as empty.
  const { key, operator, values } = (typeof expression === 'object' && expression !== null ? expression : {}) as Record<string, JsonValue>
  const name = String(operator ?? '')
  const known = Object.hasOwn(EXPRESSION_OPERATORS, name) ? EXPRESSION_OPERATORS[name] : undefined
  if (known === undefined) throw badRequest(`${goQuote(name)} is not a valid label selector operator`)
  return requirement(String(key ?? ''), known, Array.isArray(values) ? values.map(String) : [])
}

class Everything implements LabelSelector {
  readonly requirements: readonly LabelRequirement[] = []
  readonly matchesEverything = true
  matches(): boolean {
    return true
  }
  toString(): string {
    return ''
  }
}

class Nothing implements LabelSelector {
  readonly requirements: readonly LabelRequirement[] = []
  readonly matchesEverything = false
  matches(): boolean {
    return false
  }
  toString(): string {
    // Not upstream's '' (its texts never meet): a watch group must not take this for everything.
    return '<none>'
  }
}

const EVERYTHING: LabelSelector = new Everything()
const NOTHING: LabelSelector = new Nothing()
export const everything = (): LabelSelector => EVERYTHING
export const nothing = (): LabelSelector => NOTHING

class Requirements implements LabelSelector {
  readonly requirements: readonly LabelRequirement[]
  readonly matchesEverything = false
  readonly #matchers: readonly Matcher[]
  readonly #text: string

  constructor(matchers: Matcher[]) {
    this.#matchers = matchers.sort((a, b) => compareBytes(a.requirement.key, b.requirement.key))
    this.requirements = this.#matchers.map((matcher) => matcher.requirement)
    this.#text = this.#matchers.map((matcher) => matcher.text).join(',')
  }

  matches(labels: Readonly<Record<string, string>> | undefined): boolean {
    for (let index = 0; index < this.#matchers.length; index++) {
      if (!this.#matchers[index]!.matches(labels)) return false
    }
    return true
  }

  toString(): string {
    return this.#text
  }
}

const MANY_VALUES = 8

/** One requirement, prepared so that matching allocates nothing. */
class Matcher {
  readonly requirement: LabelRequirement
  readonly text: string
  readonly #key: string
  readonly #operator: Operator
  readonly #values: readonly string[]
  readonly #set: ReadonlySet<string> | undefined
  readonly #bound: bigint

  constructor(requirement: LabelRequirement) {
    this.requirement = requirement
    this.text = requirementText(requirement)
    this.#key = requirement.key
    this.#operator = requirement.operator
    this.#values = requirement.values
    this.#set = requirement.values.length > MANY_VALUES ? new Set(requirement.values) : undefined
    this.#bound = parseInt64(requirement.values[0] ?? '') ?? 0n
  }

  matches(labels: Readonly<Record<string, string>> | undefined): boolean {
    const value = labels === undefined ? undefined : labels[this.#key]
    // `constructor` and its like are inherited by every object, and are not strings.
    const present = typeof value === 'string'
    switch (this.#operator) {
      case '=':
      case '==':
      case 'in':
        return present && this.#has(value)
      case '!=':
      case 'notin':
        return !present || !this.#has(value)
      case 'exists':
        return present
      case '!':
        return !present
      case 'gt':
      case 'lt':
        return present && this.#compare(value)
    }
  }

  #has(value: string): boolean {
    if (this.#set !== undefined) return this.#set.has(value)
    for (let index = 0; index < this.#values.length; index++) if (this.#values[index] === value) return true
    return false
  }

  #compare(value: string): boolean {
    const number = parseInt64(value)
    if (number === undefined) return false
    return this.#operator === 'gt' ? number > this.#bound : number < this.#bound
  }
}

/** strconv.ParseInt(text, 10, 64); undefined where that fails. */
function parseInt64(text: string): bigint | undefined {
  if (text.length > 64 || !/^[+-]?[0-9]+$/.test(text)) return undefined
  const number = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return BigInt.asIntN(64, number) === number ? number : undefined
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  const list = values.length > 1 ? values.toSorted(compareBytes).join(',') : (values[0] ?? '')
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${list})`
    case 'gt':
      return `${key}>${list}`
    case 'lt':
      return `${key}<${list}`
    default:
      return `${key}${operator}${list}`
  }
}

/** One checked requirement; StatusError 400 naming everything that is wrong with it. */
function requirement(key: string, operator: Operator, values: readonly string[]): LabelRequirement {
  const errors: string[] = []
  const keyErrors = isQualifiedName(key)
  if (keyErrors.length > 0) errors.push(`key: Invalid value: ${goQuote(key)}: ${keyErrors.join('; ')}`)
  const list = values.length === 0 ? 'null' : JSON.stringify(values)
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length === 0) errors.push(`values: Invalid value: ${list}: for 'in', 'notin' operators, values set can't be empty`)
      break
    case 'exists':
    case '!':
      if (values.length > 0) errors.push(`values: Invalid value: ${list}: values set must be empty for exists and does not exist`)
      break
    case 'gt':
    case 'lt':
      values.forEach((value, index) => {
        if (parseInt64(value) === undefined) {
          errors.push(`values[${index}]: Invalid value: ${goQuote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`)
        }
      })
      break
    default:
      break
  }
  values.forEach((value, index) => {
    const valueErrors = isLabelValue(value)
    if (valueErrors.length > 0) errors.push(`values[${index}][${key}]: Invalid value: ${goQuote(value)}: ${valueErrors.join('; ')}`)
  })
  if (errors.length > 0) throw badRequest(errors.length === 1 ? errors[0]! : `[${[...new Set(errors)].join(', ')}]`)
  return { key, operator, values }
}

const BINARY_OPERATORS: Readonly<Record<string, Operator>> = {
  in: 'in',
  '=': '=',
  '==': '==',
  '>': 'gt',
  '<': 'lt',
  notin: 'notin',
  '!=': '!=',
}

class Parser {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = []
    for (;;) {
      const token = this.#peek()
      if (token.type === 'end') return requirements
      if (!startsRequirement(token)) throw badRequest(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      if (requirements.length >= MAX_REQUIREMENTS) {
        throw badRequest(`label selector has too many requirements: at most ${MAX_REQUIREMENTS}`)
      }
      requirements.push(this.#requirement())
      const next = this.#take()
      if (next.type === 'end') return requirements
      if (next.type !== ',') throw badRequest(`found '${next.text}', expected: ',' or 'end of string'`)
      const after = this.#peek()
      if (!startsRequirement(after)) throw badRequest(`found '${after.text}', expected: identifier after ','`)
    }
  }

  #requirement(): LabelRequirement {
    try {
      return this.#parseRequirement()
    } catch (error) {
      if (error instanceof StatusError) throw badRequest(`unable to parse requirement: ${error.message}`)
      throw error
    }
  }

  #parseRequirement(): LabelRequirement {
    let token = this.#take()
    const negated = token.type === '!'
    if (negated) token = this.#take()
    if (!isIdentifier(token)) throw badRequest(`found '${token.text}', expected: identifier`)
    const key = token.text
    const keyErrors = isQualifiedName(key)
    if (keyErrors.length > 0) throw badRequest(`<nil>: Invalid value: ${goQuote(key)}: ${keyErrors.join('; ')}`)
    const next = this.#peek()
    if (negated) return requirement(key, '!', [])
    if (next.type === 'end' || next.type === ',') return requirement(key, 'exists', [])
    const operator = this.#operator()
    return requirement(key, operator, operator === 'in' || operator === 'notin' ? this.#list() : this.#exactValue())
  }

  #operator(): Operator {
    const token = this.#take()
    const operator = Object.hasOwn(BINARY_OPERATORS, token.type) ? BINARY_OPERATORS[token.type] : undefined
    if (operator === undefined) throw badRequest(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`)
    return operator
  }

  /** `(a,b)`. An empty place is the empty value, so `(a,)` has two values and `()` one. */
  #list(): string[] {
    const open = this.#take()
    if (open.type !== '(') throw badRequest(`found '${open.text}' expected: '('`)
    const first = this.#peek()
    if (first.type === ')') {
      this.#take()
      return ['']
    }
    if (first.type !== ',' && !isIdentifier(first)) throw badRequest(`found '${first.text}', expected: ',', ')' or identifier`)
    const values = new Set<string>()
    for (;;) {
      const token = this.#take()
      if (isIdentifier(token)) {
        values.add(token.text)
        const next = this.#peek()
        if (next.type === ',') continue
        if (next.type !== ')') throw badRequest(`found '${next.text}', expected: ',' or ')'`)
        break
      }
      if (token.type !== ',') throw badRequest(`found '${token.text}', expected: ',', or identifier`)
      if (values.size === 0) values.add('')
      const next = this.#peek()
      if (next.type === ',' || next.type === ')') values.add('')
      if (next.type === ')') break
    }
    this.#take()
    return [...values].sort(compareBytes)
  }

  #exactValue(): string[] {
    const next = this.#peek()
    if (next.type === 'end' || next.type === ',') return ['']
    const token = this.#take()
    if (!isIdentifier(token)) throw badRequest(`found '${token.text}', expected: identifier`)
    return [token.text]
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? END
  }

  #take(): Token {
    return this.#tokens[this.#position++] ?? END
  }
}

const END: Token = { type: 'end', text: '' }

/** `in` and `notin` are identifiers wherever a key or a value may stand. */
const isIdentifier = (token: Token): boolean => token.type === 'identifier' || token.type === 'in' || token.type === 'notin'
const startsRequirement = (token: Token): boolean => isIdentifier(token) || token.type === '!'
