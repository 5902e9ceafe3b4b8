// Which way parsing goes on where the next token alone does not say it. ANTLR looks as far ahead as it takes; for this
// grammar that is never more than a chain of names.
import { followingTokens, grammarRule, type State } from './grammar.ts'
import { EPSILON, type TokenType, tokenType } from './tokens.ts'

/** The type of the token at a distance; 1 is the next one. */
type Ahead = (distance: number) => TokenType
/** The number of the way from 0; below 0, minus the distance of the first token that fits none. */
type Decision = (ahead: Ahead, minimum: number) => number

const [dot, bracket, brace, parenthesis, question, comma, minus, not] = '. [ { ( ? , - !'.split(' ').map(tokenType)
const identifier = tokenType('IDENTIFIER')
const escaped = tokenType('ESC_IDENTIFIER')
const integer = tokenType('NUM_INT')
const float = tokenType('NUM_FLOAT')
const relations = new Set('== != in < <= >= >'.split(' ').map(tokenType))
const products = new Set('* / %'.split(' ').map(tokenType))
const sums = new Set('+ -'.split(' ').map(tokenType))

const beginsMember = (type: TokenType): boolean => followingTokens(grammarRule('member').start).has(type)
const goOn = (does: boolean): number => (does ? 0 : 1)

const decisions: Readonly<Record<string, Decision>> = {
  relationGoesOn: (ahead, minimum) => goOn(relations.has(ahead(1)) && minimum <= 1),
  calcGoesOn: (ahead, minimum) =>
    goOn((products.has(ahead(1)) && minimum <= 2) || (sums.has(ahead(1)) && minimum <= 1)),
  calcChoice: (ahead) => (products.has(ahead(1)) ? 0 : 1),
  memberGoesOn: (ahead) => goOn(ahead(1) === dot || ahead(1) === bracket),
  memberChoice: (ahead) => {
    if (ahead(1) === bracket) return 2
    if (ahead(2) === question || ahead(2) === escaped) return 0
    if (ahead(2) !== identifier) return -2
    return ahead(3) === parenthesis ? 1 : 0
  },
  unary: (ahead) => {
    const first = ahead(1)
    if (first === not) return 1
    if (first !== minus) return beginsMember(first) ? 0 : -1
    if (ahead(2) === integer || ahead(2) === float) return 0
    return beginsMember(ahead(2)) ? 2 : -2
  },
  // A minus before a number could be its sign: one more negation is preferred.
  negateGoesOn: (ahead) => {
    if (ahead(1) !== minus) return beginsMember(ahead(1)) ? 1 : -1
    return beginsMember(ahead(2)) ? 0 : -2
  },
  primary: (ahead) => {
    const first = ahead(1)
    if (first === parenthesis) return 2
    if (first === bracket) return 3
    if (first === brace) return 4
    if (first !== dot && first !== identifier) return beginsMember(first) ? 6 : -1
    let distance = first === dot ? 2 : 1
    if (ahead(distance) !== identifier) return -distance
    if (ahead(distance + 1) === parenthesis) return 1
    while (ahead(distance + 1) === dot && ahead(distance + 2) === identifier) distance += 2
    return ahead(distance + 1) === brace ? 5 : 0
  },
  // A comma may be the last thing of a list or a map.
  listGoesOn: (ahead) => goOn(ahead(1) === comma && followingTokens(grammarRule('optExpr').start).has(ahead(2))),
  fieldsGoOn: (ahead) => goOn(ahead(1) === comma && followingTokens(grammarRule('optField').start).has(ahead(2))),
  literal: (ahead) => {
    if (ahead(1) !== minus) return -1
    if (ahead(2) === integer) return 0
    return ahead(2) === float ? 2 : -2
  },
}

export function decide(state: State, ahead: Ahead, minimum: number): number {
  const decision = state.decision === undefined ? undefined : decisions[state.decision]
  if (decision !== undefined) {
    const way = decision(ahead, minimum)
    if (state.decision !== 'literal' || way !== -1) return way
  }
  for (const [way, { target }] of state.transitions.entries()) {
    const following = followingTokens(target)
    if (following.has(ahead(1))) return way
    // An optional part, or one more round of a loop, comes before the way past it.
    if (way > 0 && (following.has(EPSILON) || isPast(state, way))) return way
  }
  return -1
}

/** The second way of an optional part or a loop leads past it, whatever comes. */
const isPast = (state: State, way: number): boolean =>
  way === 1 && state.names === undefined && state.kind !== 'basic' && state.transitions.length === 2
