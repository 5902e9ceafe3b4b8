// The words of a label selector's text form.

type Symbol = ')' | ',' | '!' | '==' | '=' | '>' | '<' | '!=' | '('
export interface Token {
  readonly type: Symbol | 'in' | 'notin' | 'identifier' | 'end' | 'error'
  /** What stood there; what messages print. */
  readonly text: string
}

const isSpace = (character: string): boolean =>
  character === ' ' || character === '\t' || character === '\r' || character === '\n'
const SPECIAL = '=!(),><'
const isSpecial = (character: string): boolean => SPECIAL.includes(character)

/** All tokens, the last one `end`. A NUL ends the text, as it does for upstream's scanner. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  while (position < text.length && text[position] !== '\0') {
    const character = text[position]!
    if (isSpace(character)) {
      position++
      continue
    }
    if (isSpecial(character)) {
      const symbol = symbolAt(text, position)
      tokens.push({ type: symbol, text: symbol })
      position += symbol.length
      continue
    }
    let end = position + 1
    while (end < text.length && text[end] !== '\0' && !isSpace(text[end]!) && !isSpecial(text[end]!)) end++
    const word = text.slice(position, end)
    tokens.push({ type: word === 'in' || word === 'notin' ? word : 'identifier', text: word })
    position = end
  }
  tokens.push({ type: 'end', text: '' })
  return tokens
}

/** The longest symbol that starts here: `==` and `!=` before `=` and `!`. */
function symbolAt(text: string, position: number): Symbol {
  const two = text.slice(position, position + 2)
  if (two === '==' || two === '!=') return two
  return text[position] as Symbol // isSpecial() has said that it is one of the single ones.
}
