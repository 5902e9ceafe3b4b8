// Walks the network of the grammar over the tokens of an expression, and makes a tree. What it does about errors is ANTLR's
// strategy, because clients see its words: one token too many or too few is mended, else tokens are skipped until something
// that may follow one of the open rules. The walk keeps its own stack: depth costs no stack of the process.
import { decide } from './decisions.ts'
import { followingTokens, grammarRule, type Rule, type State, type Transition } from './grammar.ts'
import { MAX_EXPRESSION_POINTS, NOWHERE, type Problems, type Source } from './source.ts'
import { END, EPSILON, Lexer, type Token, tokenName, type TokenType } from './tokens.ts'

/** Of one rule within itself. */
export const MAX_DEPTH = 250
const MAX_SYNTAX_ERRORS = 100
const MAX_RECOVERIES = 30
const MAX_SKIPPED_TOKENS = 256

const NOTHING: readonly never[] = []

/** Part of the tree; what an error cut off lacks parts. */
export class Node {
  readonly rule: Rule
  /** The rule's name, or that of the alternative once it is known. */
  kind: string
  start: Token
  #parts: Map<string, Node | Token> | undefined
  #lists: Map<string, (Node | Token)[]> | undefined
  parent: Node | undefined
  /** Where the parent goes on, and under which name it keeps this node. */
  readonly call: Extract<Transition, { kind: 'rule' }> | undefined
  readonly minimum: number

  constructor(rule: Rule, start: Token, parent: Node | undefined, call?: Extract<Transition, { kind: 'rule' }>) {
    this.rule = rule
    this.kind = rule.name
    this.start = start
    this.parent = parent
    this.call = call
    this.minimum = call?.minimum ?? 0
  }

  keep(label: string | undefined, part: Node | Token): void {
    if (label === undefined) return
    if (!label.endsWith('+')) {
      this.#parts ??= new Map()
      this.#parts.set(label, part)
      return
    }
    const name = label.slice(0, -1)
    this.#lists ??= new Map()
    const list = this.#lists.get(name)
    if (list === undefined) this.#lists.set(name, [part])
    else list.push(part)
  }

  part(name: string): Node | Token | undefined {
    return this.#parts?.get(name)
  }

  list(name: string): readonly (Node | Token)[] {
    return this.#lists?.get(name) ?? NOTHING
  }
}

/** Ends the parsing at once; what was to be said has been. */
class Abandoned extends Error {}

interface Mismatch {
  readonly message: string
  readonly offending: Token
}

/** Undefined when the parsing was given up. */
export function parse(source: Source, problems: Problems): Node | undefined {
  if (source.points.length > MAX_EXPRESSION_POINTS) {
    const size = source.points.length
    problems.add(NOWHERE, `expression code point size exceeds limit: size: ${size}, limit ${MAX_EXPRESSION_POINTS}`)
    return undefined
  }
  try {
    return new Parser(source, problems).run()
  } catch (error) {
    if (error instanceof Abandoned) return undefined
    throw error
  }
}

class Parser {
  readonly #problems: Problems
  readonly #lexer: Lexer
  readonly #tokens: Token[] = []
  #position = 0
  #node: Node
  #state: State
  #syntaxErrors = 0
  #isRecovering = false
  #recoveries = 0
  #lastErrorPosition = -1
  #lastErrorStates: Set<State> | undefined
  readonly #depths: number[] = []
  readonly #typeAhead = (distance: number): TokenType => this.#ahead(distance).type

  constructor(source: Source, problems: Problems) {
    this.#problems = problems
    this.#lexer = new Lexer(source, { syntax: (offset, message) => this.#syntaxError(offset, message) })
    const rule = grammarRule('start')
    this.#node = new Node(rule, this.#ahead(1), undefined)
    this.#state = rule.start
  }

  run(): Node {
    for (;;) {
      if (this.#state.kind === 'stop') {
        const { call } = this.#node
        if (call === undefined) return this.#node
        this.#leave()
        this.#state = call.target
        continue
      }
      const failure = this.#step()
      if (failure !== undefined) {
        this.#report(failure)
        this.#recover()
        this.#state = this.#node.rule.stop
      }
    }
  }

  /** From one state to the next; a failure ends the rule. */
  #step(): Mismatch | undefined {
    const state = this.#state
    const [first] = state.transitions
    if (first === undefined) throw new Error(`a state of ${state.rule.name} leads nowhere`)
    if (state.kind !== 'basic') {
      const failure = this.#synchronize()
      if (failure !== undefined) return failure
    }
    if (state.kind === 'starBack' && first.kind === 'epsilon') return this.#choose(first.target)
    if (state.transitions.length > 1) return this.#choose(state)
    if (state.names !== undefined) this.#wrap(state.names[0] ?? '')
    if (first.kind === 'token') return this.#match(first)
    if (first.kind === 'rule') this.#enter(first)
    else this.#state = first.target
    return undefined
  }

  #choose(state: State): Mismatch | undefined {
    const way = decide(state, this.#typeAhead, this.#node.minimum)
    if (way < 0) {
      // The last token that was looked at is the one that fits no way.
      const message = `no viable alternative at input ${quoted(this.#textAhead(-way))}`
      return { message, offending: this.#ahead(-way) }
    }
    const transition = state.transitions[way]
    if (transition === undefined) throw new Error(`no way ${way} in ${state.rule.name}`)
    const name = state.names?.[way]
    if (name !== undefined && name !== '') {
      if (state.rule.isRecursive) this.#wrap(name)
      else this.#node.kind = name
    }
    this.#state = transition.target
    return undefined
  }

  // Rules

  #enter(call: Extract<Transition, { kind: 'rule' }>): void {
    const node = new Node(call.rule, this.#ahead(1), this.#node, call)
    const depth = (this.#depths[call.rule.index] ?? 0) + 1
    this.#depths[call.rule.index] = depth
    if (depth > MAX_DEPTH) this.#abandon(`expression recursion limit exceeded: ${MAX_DEPTH}`)
    this.#node = node
    this.#state = call.rule.start
  }

  #leave(): void {
    const node = this.#node
    const { parent, call } = node
    if (parent === undefined) return
    this.#depths[node.rule.index] = Math.max((this.#depths[node.rule.index] ?? 0) - 1, 0)
    parent.keep(call?.label, node)
    this.#node = parent
  }

  /** What was parsed of a recursive rule becomes the left side of what comes. */
  #wrap(kind: string): void {
    const left = this.#node
    const node = new Node(left.rule, left.start, left.parent, left.call)
    node.kind = kind
    node.keep('left', left)
    this.#node = node
  }

  // Tokens

  #ahead(distance: number): Token {
    const index = this.#position + distance - 1
    while (this.#tokens.length <= index) {
      const last = this.#tokens.at(-1)
      if (last?.type === END) return last
      this.#tokens.push(this.#lexer.next())
    }
    const token = this.#tokens[index]
    if (token === undefined) throw new Error('no token there')
    return token
  }

  /** From the next token to the one at the distance. */
  #textAhead(distance: number): string {
    let text = this.#ahead(1).text
    for (let index = 2; index <= distance; index++) {
      const token = this.#ahead(index)
      text += token.hidden + (token.type === END ? '' : token.text)
    }
    return text
  }

  #consume(): void {
    if (this.#ahead(1).type === END) return
    this.#position++
    this.#ahead(1)
  }

  #match(transition: Extract<Transition, { kind: 'token' }>): Mismatch | undefined {
    const token = this.#ahead(1)
    if (transition.types.has(token.type)) {
      this.#isRecovering = false
      this.#lastErrorStates = undefined
      this.#lastErrorPosition = -1
      this.#consume()
      this.#node.keep(transition.label, token)
    } else {
      const mended = this.#recoverInline(transition)
      if ('message' in mended) return mended
      this.#node.keep(transition.label, mended)
    }
    this.#state = transition.target
    return undefined
  }

  // Errors

  /** Before a choice: is the next token one that may come? */
  #synchronize(): Mismatch | undefined {
    if (this.#isRecovering) return undefined
    const following = followingTokens(this.#state)
    if (following.has(EPSILON) || following.has(this.#ahead(1).type)) return undefined
    if (this.#state.kind === 'starBack' || this.#state.kind === 'plusBack') {
      this.#reportUnwanted()
      this.#skipUntil(new Set([...this.#expected(), ...this.#recoverySet()]), Infinity)
      return undefined
    }
    return this.#deleteOne() === undefined ? this.#mismatch() : undefined
  }

  #mismatch(): Mismatch {
    const offending = this.#ahead(1)
    return { message: `mismatched input ${shown(offending)} expecting ${list(this.#expected())}`, offending }
  }

  #recoverInline(transition: Extract<Transition, { kind: 'token' }>): Token | Mismatch {
    this.#countRecovery()
    const deleted = this.#deleteOne()
    if (deleted !== undefined) {
      this.#consume()
      return deleted
    }
    const next = this.#expectedFrom(transition.target)
    if (!next.has(this.#ahead(1).type)) return this.#mismatch()
    if (!this.#isRecovering) {
      this.#isRecovering = true
      const token = this.#ahead(1)
      this.#syntaxError(token.start, `missing ${list(this.#expected())} at ${shown(token)}`)
    }
    return this.#conjure()
  }

  /** The token after the next one, when that is what was expected: the next one is dropped. */
  #deleteOne(): Token | undefined {
    if (!this.#expected().has(this.#ahead(2).type)) return undefined
    this.#reportUnwanted()
    this.#consume()
    this.#isRecovering = false
    this.#lastErrorStates = undefined
    this.#lastErrorPosition = -1
    return this.#ahead(1)
  }

  #conjure(): Token {
    const type = [...this.#expected()].toSorted((a, b) => a - b)[0] ?? END
    const name = tokenName(type)
    const text = type === END ? '<missing EOF>' : `<missing ${name.startsWith("'") ? name : 'undefined'}>`
    const current = this.#ahead(1)
    const before = this.#position > 0 ? this.#tokens[this.#position - 1] : undefined
    const at = current.type === END && before !== undefined ? before : current
    return { type, text, hidden: '', start: at.start, end: at.start, isConjured: true }
  }

  #report({ message, offending }: Mismatch): void {
    if (this.#isRecovering) return
    this.#isRecovering = true
    this.#syntaxError(offending.start, message)
  }

  #reportUnwanted(): void {
    if (this.#isRecovering) return
    this.#isRecovering = true
    const token = this.#ahead(1)
    this.#syntaxError(token.start, `extraneous input ${shown(token)} expecting ${list(this.#expected())}`)
  }

  #recover(): void {
    this.#countRecovery()
    let skipped = 0
    if (this.#lastErrorPosition === this.#position && this.#lastErrorStates?.has(this.#state) === true) {
      this.#consume()
      skipped++
    }
    this.#lastErrorPosition = this.#position
    this.#lastErrorStates ??= new Set()
    this.#lastErrorStates.add(this.#state)
    this.#skipUntil(this.#recoverySet(), MAX_SKIPPED_TOKENS - skipped)
  }

  #countRecovery(): void {
    this.#recoveries++
    if (this.#recoveries <= MAX_RECOVERIES) return
    this.#syntaxError(this.#ahead(1).start, `error recovery attempt limit exceeded: ${MAX_RECOVERIES}`)
    throw new Abandoned()
  }

  #skipUntil(types: ReadonlySet<TokenType>, limit: number): void {
    for (let skipped = 0; this.#ahead(1).type !== END && !types.has(this.#ahead(1).type); skipped++) {
      if (skipped >= limit) this.#abandon(`error recovery token lookahead limit exceeded: ${MAX_SKIPPED_TOKENS}`)
      this.#consume()
    }
  }

  /** What may follow the open rules. */
  #recoverySet(): Set<TokenType> {
    const found = new Set<TokenType>()
    for (let node: Node | undefined = this.#node; node?.call !== undefined; node = node.parent)
      for (const type of followingTokens(node.call.target)) found.add(type)
    found.delete(EPSILON)
    return found
  }

  #expected(): Set<TokenType> {
    return this.#expectedFrom(this.#state)
  }

  /** What may come at a state, or behind the open rules as far as they can end there. */
  #expectedFrom(state: State): Set<TokenType> {
    const found = new Set(followingTokens(state))
    for (let node: Node | undefined = this.#node; found.has(EPSILON); node = node.parent) {
      found.delete(EPSILON)
      if (node?.call === undefined) return found.add(END)
      for (const type of followingTokens(node.call.target)) found.add(type)
    }
    return found
  }

  #syntaxError(offset: number, message: string): void {
    // What cel-go said before it had a generated parser.
    const said = message.replace(
      /no viable alternative at input '.(true|false|null)'/,
      "mismatched input '$1' expecting IDENTIFIER",
    )
    if (this.#syntaxErrors >= MAX_SYNTAX_ERRORS) {
      this.#problems.add(offset, `Syntax error: More than ${MAX_SYNTAX_ERRORS} syntax errors`)
      throw new Abandoned()
    }
    this.#syntaxErrors++
    this.#problems.add(offset, `Syntax error: ${said}`)
  }

  #abandon(message: string): never {
    this.#problems.add(NOWHERE, message)
    throw new Abandoned()
  }
}

const quoted = (text: string): string =>
  `'${text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`

const shown = (token: Token): string => quoted(token.text)

/** In the order of the tokens' numbers. */
function list(types: ReadonlySet<TokenType>): string {
  const names = [...types].toSorted((a, b) => a - b).map(tokenName)
  return names.length === 1 ? (names[0] ?? '') : `{${names.join(', ')}}`
}
