// From the tree of the grammar to the expression: operators become calls, macros what they stand for.
import type { Expression, MapEntry, StructField } from './expression.ts'
import { parseDouble, parseInteger, parseUnsigned, unquote } from './literals.ts'
import { expandMacro, type Macros } from './macros.ts'
import { MAX_DEPTH, Node } from './parser.ts'
import { RESERVED_WORDS } from './reserved-words.ts'
import { NOWHERE, type Problems } from './source.ts'
import type { Token } from './tokens.ts'

/** Nodes with one of these kinds count towards the depth. */
const DEEP: ReadonlySet<string> = new Set(['expr', 'relation', 'calc', 'select', 'memberCall', 'index'])
const BINARY: Readonly<Record<string, string>> = Object.fromEntries(
  ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>='].map((sign) => [sign, `_${sign}_`]),
)

class TooDeep extends Error {}

/** Undefined when it is too deep; anything else that is wrong is among the problems. */
export function translate(root: Node, problems: Problems, macros: Macros): Expression | undefined {
  try {
    return new Translator(problems, macros).visit(root)
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
    problems.add(NOWHERE, 'max recursion depth exceeded')
    return undefined
  }
}

class Translator {
  readonly #problems: Problems
  readonly #macros: Macros
  #depth = 0

  constructor(problems: Problems, macros: Macros) {
    this.#problems = problems
    this.#macros = macros
  }

  visit(part: Node | undefined): Expression {
    const node = innermost(part)
    if (node === undefined) return this.#unknown(undefined)
    if (!DEEP.has(node.kind)) return this.#visit(node)
    this.#depth++
    if (this.#depth > MAX_DEPTH) throw new TooDeep()
    const expression = this.#visit(node)
    this.#depth--
    return expression
  }

  #visit(node: Node): Expression {
    switch (node.kind) {
      case 'start':
        return this.visit(nodeOf(node, 'e'))
      case 'expr':
        return this.#conditional(node)
      case 'conditionalOr':
        return this.#logical(node, '_||_')
      case 'conditionalAnd':
        return this.#logical(node, '_&&_')
      case 'relation':
      case 'calc':
        return this.#binary(node)
      case 'logicalNot':
        return this.#repeated(node, '!_')
      case 'negate':
        return this.#repeated(node, '-_')
      case 'select':
        return this.#select(node)
      case 'memberCall':
        return this.#memberCall(node)
      case 'index':
        return this.#index(node)
      case 'ident':
      case 'globalCall':
        return this.#named(node)
      case 'createList':
        return this.#list(node)
      case 'createStruct':
        return this.#map(node)
      case 'createMessage':
        return this.#message(node)
      case 'unary':
        return { kind: 'literal', offset: node.start.start, literal: { of: 'string', value: '<<error>>' } }
      default:
        return this.#literal(node)
    }
  }

  #unknown(offset: number | undefined): Expression {
    return { kind: 'unspecified', offset: offset ?? NOWHERE }
  }

  #fail(offset: number, message: string): Expression {
    this.#problems.add(offset, message)
    return this.#unknown(offset)
  }

  #call(offset: number, name: string, args: readonly Expression[], target?: Expression): Expression {
    const expanded = expandMacro(this.#macros, offset, name, target, args)
    if (expanded === undefined) return { kind: 'call', offset, name, args, ...(target === undefined ? {} : { target }) }
    return 'message' in expanded ? this.#fail(expanded.offset, expanded.message) : expanded
  }

  #conditional(node: Node): Expression {
    const condition = this.visit(nodeOf(node, 'e'))
    const operator = tokenOf(node, 'op')
    if (operator === undefined) return condition
    const yes = this.visit(nodeOf(node, 'e1'))
    return this.#call(operator.start, '_?_:_', [condition, yes, this.visit(nodeOf(node, 'e2'))])
  }

  /** A chain becomes a balanced tree: its depth does not grow with its length. */
  #logical(node: Node, name: string): Expression {
    const terms = [this.visit(nodeOf(node, 'e'))]
    const rest = nodesOf(node, 'e1')
    const operators = tokensOf(node, 'ops')
    for (const index of operators.keys()) {
      const next = rest[index]
      if (next === undefined)
        return this.#fail(node.start.start, `unexpected character, wanted '${name.replaceAll('_', '')}'`)
      terms.push(this.visit(next))
    }
    const balance = (low: number, high: number): Expression => {
      const middle = (low + high + 1) >> 1
      const left = middle === low ? terms[middle] : balance(low, middle - 1)
      const right = middle === high ? terms[middle + 1] : balance(middle + 1, high)
      if (left === undefined || right === undefined) throw new Error('a term is missing')
      return { kind: 'call', offset: operators[middle]?.start ?? NOWHERE, name, args: [left, right] }
    }
    return terms.length === 1 && terms[0] !== undefined ? terms[0] : balance(0, operators.length - 1)
  }

  #binary(node: Node): Expression {
    const operator = tokenOf(node, 'op')
    const name = operator?.text === 'in' ? '@in' : BINARY[operator?.text ?? '']
    if (operator === undefined || name === undefined) return this.#fail(node.start.start, 'operator not found')
    const left = this.visit(nodeOf(node, 'left'))
    return this.#call(operator.start, name, [left, this.visit(nodeOf(node, 'right'))])
  }

  #repeated(node: Node, name: string): Expression {
    const operators = tokensOf(node, 'ops')
    const member = this.visit(nodeOf(node, 'member'))
    return operators.length % 2 === 0 ? member : this.#call(operators[0]?.start ?? NOWHERE, name, [member])
  }

  #select(node: Node): Expression {
    const operand = this.visit(nodeOf(node, 'left'))
    const id = nodeOf(node, 'id')
    const operator = tokenOf(node, 'op')
    if (id === undefined || operator === undefined) return this.#unknown(node.start.start)
    const field = this.#identifier(id, id.start.start)
    if (tokenOf(node, 'opt') === undefined)
      return { kind: 'select', offset: operator.start, operand, field: field ?? '', isTest: false }
    const name: Expression = { kind: 'literal', offset: id.start.start, literal: { of: 'string', value: field ?? '' } }
    return { kind: 'call', offset: operator.start, name: '_?._', args: [operand, name] }
  }

  /** Escaped identifiers are not switched on. */
  #identifier(node: Node | undefined, offset: number): string | undefined {
    const token = node === undefined ? undefined : tokenOf(node, 'id')
    if (node?.kind === 'simpleIdentifier') return token?.text ?? ''
    this.#problems.add(
      offset,
      node?.kind === 'escapedIdentifier' ? "unsupported syntax: '`'" : 'unsupported ident kind',
    )
    return undefined
  }

  #memberCall(node: Node): Expression {
    const target = this.visit(nodeOf(node, 'left'))
    const id = tokenOf(node, 'id')
    if (id === undefined) return this.#unknown(node.start.start)
    return this.#call(tokenOf(node, 'open')?.start ?? NOWHERE, id.text, this.#arguments(node), target)
  }

  #arguments(node: Node): Expression[] {
    const args = nodeOf(node, 'args')
    return args === undefined ? [] : nodesOf(args, 'e').map((argument) => this.visit(argument))
  }

  #index(node: Node): Expression {
    const operand = this.visit(nodeOf(node, 'left'))
    const operator = tokenOf(node, 'op')
    if (operator === undefined) return this.#unknown(node.start.start)
    const name = tokenOf(node, 'opt') === undefined ? '_[_]' : '_[?_]'
    return this.#call(operator.start, name, [operand, this.visit(nodeOf(node, 'index'))])
  }

  #named(node: Node): Expression {
    const id = tokenOf(node, 'id')
    if (id === undefined) return this.#unknown(node.start.start)
    if (RESERVED_WORDS.has(id.text)) return this.#fail(node.start.start, `reserved identifier: ${id.text}`)
    const name = `${tokenOf(node, 'leadingDot') === undefined ? '' : '.'}${id.text}`
    if (node.kind === 'ident') return { kind: 'ident', offset: id.start, name }
    return this.#call(tokenOf(node, 'op')?.start ?? NOWHERE, name, this.#arguments(node))
  }

  #list(node: Node): Expression {
    const init = nodeOf(node, 'elems')
    const elements = init === undefined ? [] : nodesOf(init, 'elems')
    const optional = new Set<number>()
    for (const [index, element] of elements.entries()) if (tokenOf(element, 'opt') !== undefined) optional.add(index)
    return {
      kind: 'list',
      offset: tokenOf(node, 'op')?.start ?? NOWHERE,
      elements: elements.map((element) => this.visit(nodeOf(element, 'e'))),
      optional,
    }
  }

  #map(node: Node): Expression {
    const init = nodeOf(node, 'entries')
    return {
      kind: 'map',
      offset: tokenOf(node, 'op')?.start ?? NOWHERE,
      entries: init === undefined ? [] : this.#entries(init),
    }
  }

  #entries(init: Node): MapEntry[] {
    const keys = nodesOf(init, 'keys')
    const values = nodesOf(init, 'values')
    const entries: MapEntry[] = []
    for (const [index, colon] of tokensOf(init, 'cols').entries()) {
      const key = keys[index]
      const value = values[index]
      // A syntax error, which has been reported.
      if (key === undefined || value === undefined) return []
      const isOptional = tokenOf(key, 'opt') !== undefined
      entries.push({ offset: colon.start, key: this.visit(nodeOf(key, 'e')), value: this.visit(value), isOptional })
    }
    return entries
  }

  #message(node: Node): Expression {
    const name = tokensOf(node, 'ids')
      .map(({ text }) => text)
      .join('.')
    const init = nodeOf(node, 'entries')
    return {
      kind: 'struct',
      offset: tokenOf(node, 'op')?.start ?? NOWHERE,
      name: tokenOf(node, 'leadingDot') === undefined ? name : `.${name}`,
      fields: init === undefined ? [] : this.#fields(init),
    }
  }

  #fields(init: Node): StructField[] {
    const colons = tokensOf(init, 'cols')
    const values = nodesOf(init, 'values')
    const fields: StructField[] = []
    for (const [index, field] of nodesOf(init, 'fields').entries()) {
      const colon = colons[index]
      const value = values[index]
      if (colon === undefined || value === undefined) return []
      const name = this.#identifier(nodeOf(field, 'id'), init.start.start)
      if (name === undefined) continue
      const isOptional = tokenOf(field, 'opt') !== undefined
      fields.push({ offset: colon.start, name, value: this.visit(value), isOptional })
    }
    return fields
  }

  #literal(node: Node): Expression {
    const token = tokenOf(node, 'tok')
    const offset = node.start.start
    if (token === undefined) return this.#unreadable(node)
    const isNegative = tokenOf(node, 'sign') !== undefined
    switch (node.kind) {
      case 'int': {
        const value = parseInteger(token.text, isNegative)
        if (value === undefined) return this.#fail(offset, 'invalid int literal')
        return { kind: 'literal', offset, literal: { of: 'int', value } }
      }
      case 'uint': {
        const value = parseUnsigned(token.text)
        if (value === undefined) return this.#fail(offset, 'invalid uint literal')
        return { kind: 'literal', offset, literal: { of: 'uint', value } }
      }
      case 'double': {
        const value = parseDouble(`${isNegative ? '-' : ''}${token.text}`)
        if (value === undefined) return this.#fail(offset, 'invalid double literal')
        return { kind: 'literal', offset, literal: { of: 'double', value } }
      }
      case 'string':
      case 'bytes':
        return this.#text(token, node.kind, offset)
      case 'null':
        return { kind: 'literal', offset, literal: { of: 'null' } }
      default:
        return { kind: 'literal', offset, literal: { of: 'bool', value: node.kind === 'true' } }
    }
  }

  #text(token: Token, of: 'string' | 'bytes', offset: number): Expression {
    const isBytes = of === 'bytes'
    let value = token.text
    try {
      value = unquote(isBytes ? token.text.slice(1) : token.text, isBytes)
    } catch (error) {
      this.#problems.add(offset, error instanceof Error ? error.message : String(error))
    }
    return { kind: 'literal', offset, literal: { of, value } }
  }

  /** Comes of a syntax error; says so if nobody has. */
  #unreadable(node: Node): Expression {
    if (this.#problems.count === 0) return this.#fail(NOWHERE, `unknown parse element encountered: <<${node.kind}>>`)
    return this.#unknown(undefined)
  }
}

/** Past the nodes that only hold another one. */
function innermost(part: Node | undefined): Node | undefined {
  let node = part
  while (node !== undefined) {
    const isPlain =
      (node.kind === 'expr' && node.part('op') === undefined) ||
      ((node.kind === 'conditionalOr' || node.kind === 'conditionalAnd') && node.list('ops').length === 0)
    const inner: Node | undefined = isPlain ? nodeOf(node, 'e') : nodeOf(node, 'only')
    const isHeld = isPlain || node.part('only') !== undefined || HOLDERS.has(node.kind)
    if (!isHeld || ((node.kind === 'relation' || node.kind === 'calc') && node.part('op') !== undefined)) return node
    node = inner
  }
  return node
}

const HOLDERS: ReadonlySet<string> = new Set(['memberExpr', 'nested', 'constantLiteral', 'relation', 'calc'])

function nodeOf(node: Node, name: string): Node | undefined {
  const part = node.part(name)
  return part instanceof Node ? part : undefined
}

function tokenOf(node: Node, name: string): Token | undefined {
  const part = node.part(name)
  return part instanceof Node ? undefined : part
}

const nodesOf = (node: Node, name: string): Node[] => node.list(name).filter((part) => part instanceof Node)

const tokensOf = (node: Node, name: string): Token[] =>
  node.list(name).filter((part): part is Token => !(part instanceof Node))
