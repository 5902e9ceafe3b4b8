// Paths of fields in a schema, as validation rules and selectable fields give them: `.spec.size`, `.labels['a.b']`.
import { type JsonSchema, otherMembersOf, propertyOf } from '../structural-schema/json-schema.ts'

export interface FoundField {
  /** Normalized, to tell fields from each other. */
  readonly path: string
  /** The first name in it. */
  readonly root: string
  /** Undefined where additionalProperties says only that there may be others. */
  readonly schema: JsonSchema | undefined
}

const NOT_A_FIELD = 'does not refer to a valid field'
const END = 'unexpected end of JSON path'
/** A text in quotes, as far as a quote after anything but a backslash; a delimiter; or what stands between delimiters. */
const TOKEN = /''|'[^]*?[^\\]'|'[^]*|[.[\]]|[^.[\]]+/y

/** A text is why there is no such field. */
export function resolveFieldPath(text: string, root: JsonSchema, withBrackets: boolean): FoundField | string {
  const tokens = tokensOf(text)
  let schema: JsonSchema | undefined = root
  let path = ''
  let first = ''
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]
    if (token !== '.' && token !== '[') return `expected [ or . but got: ${token}`
    if (token === '[' && !withBrackets) return 'array notation is not allowed'
    const next = tokens[++index]
    if (next === undefined) return END
    const name = token === '[' ? unquoted(next) : { name: next }
    if (typeof name === 'string') return name
    const isNamed: boolean = schema?.properties !== undefined
    if (!isNamed && schema?.additionalProperties === undefined) return NOT_A_FIELD
    const found: JsonSchema | undefined = isNamed ? propertyOf(schema ?? {}, name.name) : otherMembersOf(schema ?? {})
    if (isNamed && found === undefined) return NOT_A_FIELD
    schema = found
    path += isNamed ? `.${name.name}` : `[${name.name}]`
    if (first === '') first = name.name
    if (token !== '[') continue
    const end = tokens[++index]
    if (end === undefined) return END
    if (end !== ']') return `expected ] but got ${end}`
  }
  return { path, root: first, schema }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) tokens.push(found[0])
  return tokens
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
}

function unquoted(token: string): { readonly name: string } | string {
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'"))
    return `expected single quoted string but got ${token}`
  let bad = ''
  const name = token.slice(1, -1).replaceAll(/\\./g, (escape) => {
    const character = ESCAPES[escape.charAt(1)]
    if (character === undefined) bad = escape
    return character ?? ''
  })
  return bad === '' ? { name } : `invalid string literal: invalid escape char ${bad}`
}
