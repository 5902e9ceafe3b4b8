// The grammar of CEL as a network of states, the way ANTLR makes one: the messages about what is wrong with an expression
// list what could have followed a state, and where parsing goes on after an error depends on states too.
import { END, EPSILON, type TokenType, tokenType } from './tokens.ts'

type StateKind = 'basic' | 'blockStart' | 'starEntry' | 'starBack' | 'plusStart' | 'plusBack' | 'stop'

export type Transition =
  | { readonly kind: 'epsilon'; readonly target: State }
  | { readonly kind: 'token'; readonly target: State; readonly types: ReadonlySet<TokenType>; readonly label?: string }
  | {
      readonly kind: 'rule'
      readonly target: State
      readonly rule: Rule
      readonly minimum: number
      readonly label?: string
    }

export interface State {
  readonly kind: StateKind
  readonly rule: Rule
  /** Which of the ways on is taken is decided by a function of this name, where one token does not say it. */
  readonly decision?: string
  /** For each way on, the name of the node it makes. */
  readonly names?: readonly string[]
  readonly transitions: Transition[]
  /** What can come next within the rule; EPSILON when its end is reached without a token. */
  following?: ReadonlySet<TokenType>
}

export interface Rule {
  readonly name: string
  readonly index: number
  start: State
  readonly stop: State
  /** Rules like `relation: calc (op relation)*`, where a node takes its left side in. */
  readonly isRecursive: boolean
}

type Element =
  | string
  | { readonly label: string; readonly of: string; readonly minimum?: number }
  | { readonly optional: readonly Element[] }
  | {
      readonly star: readonly Element[]
      readonly decision?: string
      readonly choices?: readonly Choice[]
      readonly wraps?: string
    }
  | { readonly plus: readonly Element[]; readonly decision?: string }
  | { readonly choices: readonly Choice[]; readonly decision?: string }

interface Choice {
  readonly name: string
  readonly of: readonly Element[]
}

/** `label:what`; what is a rule, or a token in quotes or capitals. A label that ends with + is a list. */
const named = (label: string, of: string, minimum = 0): Element => ({ label, of, minimum })

const LEADING_DOT: Element = { optional: [named('leadingDot', '.')] }
const COMMA: Element = { optional: [','] }

const RULES: Readonly<Record<string, readonly Element[]>> = {
  start: [named('e', 'expr'), 'END'],
  expr: [
    named('e', 'conditionalOr'),
    { optional: [named('op', '?'), named('e1', 'conditionalOr'), ':', named('e2', 'expr')] },
  ],
  conditionalOr: [named('e', 'conditionalAnd'), { star: [named('ops+', '||'), named('e1+', 'conditionalAnd')] }],
  conditionalAnd: [named('e', 'relation'), { star: [named('ops+', '&&'), named('e1+', 'relation')] }],
  relation: [
    named('only', 'calc'),
    {
      star: [],
      decision: 'relationGoesOn',
      choices: [{ name: 'relation', of: [named('op', '< <= >= > == != in'), named('right', 'relation', 2)] }],
    },
  ],
  calc: [
    named('only', 'unary'),
    {
      star: [],
      decision: 'calcGoesOn',
      choices: [
        { name: 'calc', of: [named('op', '* / %'), named('right', 'calc', 3)] },
        { name: 'calc', of: [named('op', '+ -'), named('right', 'calc', 2)] },
      ],
    },
  ],
  unary: [
    {
      decision: 'unary',
      choices: [
        { name: 'memberExpr', of: [named('only', 'member')] },
        { name: 'logicalNot', of: [{ plus: [named('ops+', '!')] }, named('member', 'member')] },
        { name: 'negate', of: [{ plus: [named('ops+', '-')], decision: 'negateGoesOn' }, named('member', 'member')] },
      ],
    },
  ],
  member: [
    named('only', 'primary'),
    {
      star: [],
      decision: 'memberGoesOn',
      choices: [
        { name: 'select', of: [named('op', '.'), { optional: [named('opt', '?')] }, named('id', 'escapeIdent')] },
        {
          name: 'memberCall',
          of: [
            named('op', '.'),
            named('id', 'IDENTIFIER'),
            named('open', '('),
            { optional: [named('args', 'exprList')] },
            ')',
          ],
        },
        { name: 'index', of: [named('op', '['), { optional: [named('opt', '?')] }, named('index', 'expr'), ']'] },
      ],
    },
  ],
  primary: [
    {
      decision: 'primary',
      choices: [
        { name: 'ident', of: [LEADING_DOT, named('id', 'IDENTIFIER')] },
        {
          name: 'globalCall',
          of: [
            LEADING_DOT,
            named('id', 'IDENTIFIER'),
            named('op', '('),
            { optional: [named('args', 'exprList')] },
            ')',
          ],
        },
        { name: 'nested', of: ['(', named('only', 'expr'), ')'] },
        { name: 'createList', of: [named('op', '['), { optional: [named('elems', 'listInit')] }, COMMA, ']'] },
        {
          name: 'createStruct',
          of: [named('op', '{'), { optional: [named('entries', 'mapInitializerList')] }, COMMA, '}'],
        },
        {
          name: 'createMessage',
          of: [
            LEADING_DOT,
            named('ids+', 'IDENTIFIER'),
            { star: ['.', named('ids+', 'IDENTIFIER')] },
            named('op', '{'),
            { optional: [named('entries', 'fieldInitializerList')] },
            COMMA,
            '}',
          ],
        },
        { name: 'constantLiteral', of: [named('only', 'literal')] },
      ],
    },
  ],
  exprList: [named('e+', 'expr'), { star: [',', named('e+', 'expr')] }],
  listInit: [named('elems+', 'optExpr'), { star: [',', named('elems+', 'optExpr')], decision: 'listGoesOn' }],
  fieldInitializerList: [
    named('fields+', 'optField'),
    named('cols+', ':'),
    named('values+', 'expr'),
    {
      star: [',', named('fields+', 'optField'), named('cols+', ':'), named('values+', 'expr')],
      decision: 'fieldsGoOn',
    },
  ],
  optField: [{ optional: [named('opt', '?')] }, named('id', 'escapeIdent')],
  mapInitializerList: [
    named('keys+', 'optExpr'),
    named('cols+', ':'),
    named('values+', 'expr'),
    {
      star: [',', named('keys+', 'optExpr'), named('cols+', ':'), named('values+', 'expr')],
      decision: 'listGoesOn',
    },
  ],
  escapeIdent: [
    {
      choices: [
        { name: 'simpleIdentifier', of: [named('id', 'IDENTIFIER')] },
        { name: 'escapedIdentifier', of: [named('id', 'ESC_IDENTIFIER')] },
      ],
    },
  ],
  optExpr: [{ optional: [named('opt', '?')] }, named('e', 'expr')],
  literal: [
    {
      decision: 'literal',
      choices: [
        { name: 'int', of: [{ optional: [named('sign', '-')] }, named('tok', 'NUM_INT')] },
        { name: 'uint', of: [named('tok', 'NUM_UINT')] },
        { name: 'double', of: [{ optional: [named('sign', '-')] }, named('tok', 'NUM_FLOAT')] },
        { name: 'string', of: [named('tok', 'STRING')] },
        { name: 'bytes', of: [named('tok', 'BYTES')] },
        { name: 'true', of: [named('tok', 'true')] },
        { name: 'false', of: [named('tok', 'false')] },
        { name: 'null', of: [named('tok', 'null')] },
      ],
    },
  ],
}

const rules = new Map<string, Rule>()
let isBuilt = false

/** The network is made when the first expression is compiled, not when the process starts. */
export function grammarRule(name: string): Rule {
  if (!isBuilt) build()
  const rule = rules.get(name)
  if (rule === undefined) throw new Error(`no such rule: ${name}`)
  return rule
}

function build(): void {
  isBuilt = true
  for (const [index, [name, elements]] of Object.entries(RULES).entries()) {
    const isRecursive = elements.some(
      (element) => typeof element === 'object' && 'star' in element && 'choices' in element,
    )
    // Each of the two needs the other.
    const rule = { name, index, isRecursive } as { -readonly [Key in keyof Rule]: Rule[Key] }
    rule.start = newState('basic', rule)
    rule.stop = newState('stop', rule)
    rules.set(name, rule)
  }
  for (const [name, elements] of Object.entries(RULES)) {
    const rule = grammarRule(name)
    connect(rule, elements, rule.start, rule.stop)
  }
}

const newState = (kind: StateKind, rule: Rule, extra: Pick<State, 'decision' | 'names'> = {}): State => ({
  kind,
  rule,
  transitions: [],
  ...extra,
})

const epsilon = (from: State, target: State): void => void from.transitions.push({ kind: 'epsilon', target })

function connect(rule: Rule, elements: readonly Element[], from: State, to: State): void {
  let state = from
  for (const element of elements) state = connectOne(rule, element, state)
  epsilon(state, to)
}

/** The state behind the element. */
function connectOne(rule: Rule, element: Element, from: State): State {
  const end = newState('basic', rule)
  if (typeof element === 'string' || 'of' in element) {
    connectNamed(rule, typeof element === 'string' ? { label: '', of: element } : element, from, end)
    return end
  }
  if ('optional' in element) {
    const start = newState('blockStart', rule)
    epsilon(from, start)
    connectWays(rule, [{ name: '', of: element.optional }], start, end)
    epsilon(start, end)
    return end
  }
  const extra = element.decision === undefined ? {} : { decision: element.decision }
  if ('plus' in element) {
    const start = newState('plusStart', rule)
    const back = newState('plusBack', rule, extra)
    epsilon(from, start)
    connectWays(rule, [{ name: '', of: element.plus }], start, back)
    epsilon(back, start)
    epsilon(back, end)
    return end
  }
  if ('star' in element) {
    const entry = newState('starEntry', rule, extra)
    const back = newState('starBack', rule, extra)
    epsilon(from, entry)
    const choices = element.choices ?? [{ name: '', of: element.star }]
    const block = newState(choices.length > 1 ? 'blockStart' : 'basic', rule, namesOf(rule, choices))
    epsilon(entry, block)
    epsilon(entry, end)
    connectWays(rule, choices, block, back)
    epsilon(back, entry)
    return end
  }
  const start = newState('blockStart', rule, { ...extra, names: element.choices.map(({ name }) => name) })
  epsilon(from, start)
  connectWays(rule, element.choices, start, end)
  return end
}

const namesOf = (rule: Rule, choices: readonly Choice[]): Pick<State, 'decision' | 'names'> =>
  choices[0]?.name === '' ? {} : { decision: `${rule.name}Choice`, names: choices.map(({ name }) => name) }

function connectWays(rule: Rule, choices: readonly Choice[], from: State, to: State): void {
  for (const { of } of choices) {
    const first = newState('basic', rule)
    epsilon(from, first)
    connect(rule, of, first, to)
  }
}

function connectNamed(
  rule: Rule,
  { label, of, minimum = 0 }: { label: string; of: string; minimum?: number },
  from: State,
  target: State,
): void {
  const labelled = label === '' ? {} : { label }
  const called = rules.get(of)
  if (called !== undefined) from.transitions.push({ kind: 'rule', target, rule: called, minimum, ...labelled })
  else {
    const types = new Set(of === 'END' ? [END] : of.split(' ').map(tokenType))
    from.transitions.push({ kind: 'token', target, types, ...labelled })
  }
}

/** What can come next within the rule of the state; EPSILON when its end can be reached. */
export function followingTokens(state: State): ReadonlySet<TokenType> {
  if (state.following !== undefined) return state.following
  const found = new Set<TokenType>()
  collect(state, found, new Set())
  state.following = found
  return found
}

function collect(state: State, found: Set<TokenType>, seen: Set<State>): void {
  if (seen.has(state)) return
  seen.add(state)
  if (state.kind === 'stop') return void found.add(EPSILON)
  for (const transition of state.transitions) {
    if (transition.kind === 'token') for (const type of transition.types) found.add(type)
    else if (transition.kind === 'epsilon') collect(transition.target, found, seen)
    else {
      // No rule of this grammar is empty, so what follows a call of one cannot come first.
      for (const type of followingTokens(transition.rule.start)) found.add(type)
    }
  }
}
