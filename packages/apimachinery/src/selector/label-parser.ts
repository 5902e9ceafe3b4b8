// The grammar of the text form of a label selector: `a=b, c in (d, e), !f, g>5`.
import { compareBytes, goQuote } from '../go-text.ts'
import type { LabelRequirement } from '../selector.ts'
import { StatusError, badRequest } from '../status.ts'
import { isQualifiedName } from '../validation/names.ts'
import { checkedRequirement } from './label-requirement.ts'
import { type Token, tokenize } from './label-tokens.ts'

type Operator = LabelRequirement['operator']

/** StatusError 400 with upstream's message, also for more than `maxRequirements`. */
export function parseRequirements(text: string, maxRequirements: number): LabelRequirement[] {
  return new Parser(tokenize(text), maxRequirements).parse()
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
  readonly #maxRequirements: number
  #position = 0

  constructor(tokens: readonly Token[], maxRequirements: number) {
    this.#tokens = tokens
    this.#maxRequirements = maxRequirements
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = []
    for (;;) {
      const token = this.#peek()
      if (token.type === 'end') return requirements
      if (!startsRequirement(token))
        throw badRequest(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      if (requirements.length >= this.#maxRequirements) {
        throw badRequest(`label selector has too many requirements: at most ${this.#maxRequirements}`)
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
    if (negated) return checkedRequirement(key, '!', [])
    if (next.type === 'end' || next.type === ',') return checkedRequirement(key, 'exists', [])
    const operator = this.#operator()
    return checkedRequirement(
      key,
      operator,
      operator === 'in' || operator === 'notin' ? this.#list() : this.#exactValue(),
    )
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
    if (first.type !== ',' && !isIdentifier(first))
      throw badRequest(`found '${first.text}', expected: ',', ')' or identifier`)
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
const isIdentifier = (token: Token): boolean =>
  token.type === 'identifier' || token.type === 'in' || token.type === 'notin'
const startsRequirement = (token: Token): boolean => isIdentifier(token) || token.type === '!'
