// YAML bodies in and out, as sigs.k8s.io/yaml reads and writes them: YAML 1.1 scalars, keys as strings, the first document
// only. The parser is loaded at the first use: few requests need it, and every start would pay.
import { createRequire } from 'node:module'
import type { Document, LineCounter, Node, Pair, Scalar } from 'yaml'
import { goQuote } from '../go-text.ts'
import { setMember } from '../json-tree.ts'
import type { JsonObject, JsonValue } from '../types.ts'
import { decodeJson } from './json.ts'
import { DecodeError, type DecodeOptions, type Decoded, MAX_DEPTH, inexactInteger } from './decoded.ts'
import { resolvePlain } from './yaml-scalar.ts'

type Library = typeof import('yaml')
let loaded: Library | undefined

function library(): Library {
  loaded ??= createRequire(import.meta.url)('yaml') as Library // require() is untyped.
  return loaded
}

/** Aliases may make a document so many times bigger than its text, and no more. */
const MAX_NODES_PER_BYTE = 10
const MIN_NODES = 100_000

/** Throws DecodeError. Anchors and merge keys are resolved; documents that aliases blow up are refused. */
export function decodeYaml(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  refuseDeepNesting(text)
  const lines = new (library().LineCounter)()
  const document = parseFirstDocument(text, lines)
  if (document === undefined) return { value: null, duplicates: [] }
  const reader = new TreeReader(
    text,
    document,
    lines,
    Math.max(MIN_NODES, bytes.byteLength * MAX_NODES_PER_BYTE),
    options.findDuplicates === true,
  )
  return { value: reader.read(), duplicates: reader.duplicates }
}

/**
 * A body that is one JSON object, as decodeYaml would read it; undefined for any other, and where a key that stands twice has to
 * be told in the words of YAML. A hundred times as fast, and kinder where YAML 1.1 is not quite JSON: halves of a surrogate
 * pair written as two escapes, and U+2028 in a string, are what they are.
 */
export function decodeYamlJson(bytes: Uint8Array, options: DecodeOptions = {}): Decoded | undefined {
  let start = 0
  while (bytes[start] === 0x20 || bytes[start] === 0x0a || bytes[start] === 0x0d) start++
  if (bytes[start] !== OPENING_BRACE) return undefined
  try {
    const decoded = decodeJson(bytes, options)
    return decoded.duplicates.length === 0 ? decoded : undefined
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

const OPENING_BRACE = 0x7b

function parseFirstDocument(text: string, lines: LineCounter): Document | undefined {
  const { Parser, Composer } = library()
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent',
    strict: false,
  })
  const parser = new Parser(lines.addNewLine)
  for (const document of composer.compose(parser.parse(text))) {
    const error = document.errors[0]
    if (error !== undefined)
      throw new DecodeError(`yaml: ${errorText(error.code, error.message, lines.linePos(error.pos[0]).line)}`)
    return document as Document // Composer is generic in what it composes; without options for that it is a Document.
  }
  return undefined
}

/** The parser recurses; indentation deeper than the limit cannot be written in fewer characters than this looks for. */
function refuseDeepNesting(text: string): void {
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x5b || code === 0x7b) depth++
    else if (code === 0x5d || code === 0x7d) depth--
    if (depth > MAX_DEPTH) throw new DecodeError('yaml: exceeded max depth of 10000')
  }
  if (/^(?:[ \t]*[-?] ?){1000}/m.test(text) || /^ {1000}/m.test(text)) refuseDeepIndentation(text)
}

function refuseDeepIndentation(text: string): void {
  for (const line of text.split('\n')) {
    const dashes = /^(?:[ \t]*[-?][ \t])*/.exec(line)?.[0].match(/[-?]/g)?.length ?? 0
    if (dashes >= MAX_DEPTH) throw new DecodeError('yaml: exceeded max depth of 10000')
  }
}

/** libyaml's words where they are known to correspond; else the parser's own first line. */
function errorText(code: string, message: string, line: number): string {
  const first = message.split('\n')[0] ?? message
  switch (code) {
    case 'TAB_AS_INDENT':
      return `line ${line}: found character that cannot start any token`
    case 'MISSING_CHAR':
      if (/flow (sequence|collection)|expected.*\]/i.test(first))
        return `line ${line}: did not find expected node content`
      return `line ${line}: ${/quote/.test(first) ? 'found unexpected end of stream' : "could not find expected ':'"}`
    case 'BAD_INDENT':
      return `line ${line}: did not find expected node content`
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return `line ${line}: mapping values are not allowed in this context`
    default:
      return `line ${line}: ${first.replace(/ at line \d+, column \d+:?$/, '')}`
  }
}

class TreeReader {
  readonly duplicates: string[] = []
  readonly #document: Document
  readonly #lines: LineCounter
  readonly #length: number
  readonly #unbroken: boolean
  readonly #findDuplicates: boolean
  /** The aliases whose targets are being read. */
  readonly #entered = new Set<Node | null | undefined>()
  #nodesLeft: number

  constructor(text: string, document: Document, lines: LineCounter, maxNodes: number, findDuplicates: boolean) {
    this.#length = text.length
    this.#unbroken = /\S/.test(text.slice(text.lastIndexOf('\n') + 1))
    this.#document = document
    this.#lines = lines
    this.#nodesLeft = maxNodes
    this.#findDuplicates = findDuplicates
  }

  read(): JsonValue {
    return this.#value(this.#document.contents, 0)
  }

  #value(node: Node | null | undefined, depth: number): JsonValue {
    if (--this.#nodesLeft < 0) throw new DecodeError('yaml: document contains excessive aliasing')
    if (depth > MAX_DEPTH) throw new DecodeError('yaml: exceeded max depth of 10000')
    const { isAlias, isMap, isScalar, isSeq } = library()
    if (node === null || node === undefined) return null
    if (isAlias(node)) {
      this.#enter(node)
      const value = this.#value(this.#resolved(node), depth + 1)
      this.#entered.delete(node)
      return value
    }
    if (isScalar(node)) return this.#endsUnbroken(node) ? String(node.value).slice(0, -1) : scalarValue(node)
    // Items of both collections are nodes (or null) by the parser's own types, which say unknown.
    if (isSeq(node)) return node.items.map((item) => this.#value(item as Node | null, depth + 1))
    if (isMap(node)) return this.#map(node.items as Pairs, depth)
    return null
  }

  #map(pairs: Pairs, depth: number): JsonObject {
    const object: JsonObject = {}
    this.#readInto(object, pairs, depth)
    return object
  }

  /** What stands later wins, whether it is written out or merged in: go-yaml reads both into the same map. */
  #readInto(object: JsonObject, pairs: Pairs, depth: number): void {
    if (depth > MAX_DEPTH) throw new DecodeError('yaml: exceeded max depth of 10000')
    for (const pair of pairs) {
      if (isMergeKey(pair.key)) {
        this.#merge(object, pair.value, depth)
        continue
      }
      const key = this.#key(pair.key)
      const name = String(key)
      if (this.#findDuplicates && Object.hasOwn(object, name)) {
        const named = typeof key === 'string' ? goQuote(key) : name
        this.duplicates.push(`line ${this.#lineOf(pair)}: key ${named} already set in map`)
      }
      setMember(object, name, this.#value(pair.value, depth + 1))
    }
  }

  /** `<<: *base`, `<<: {...}` or a list of these, of which the first wins. */
  #merge(object: JsonObject, node: Node | null, depth: number): void {
    const { isMap, isSeq } = library()
    const sources = isSeq(node) ? (node.items as (Node | null)[]).toReversed() : [node] // As in #value.
    for (const source of sources) {
      if (--this.#nodesLeft < 0) throw new DecodeError('yaml: document contains excessive aliasing')
      const map = this.#resolved(source)
      if (!isMap(map)) throw new DecodeError('yaml: map merge requires map or sequence of maps as the value')
      if (source !== map) this.#enter(source)
      this.#readInto(object, map.items as Pairs, depth + 1) // As in #value.
      this.#entered.delete(source)
    }
  }

  /** Numbers and booleans become the text that they would have in JSON. */
  #key(node: Node | null): string | number | boolean {
    const scalar = this.#resolved(node)
    if (!library().isScalar(scalar)) throw new DecodeError('yaml: unsupported map key')
    const value = scalarValue(scalar)
    if (typeof value === 'object') throw new DecodeError('yaml: unsupported map key: null')
    return value
  }

  #enter(node: Node | null | undefined): void {
    const name = library().isAlias(node) ? node.source : ''
    if (this.#entered.has(node)) throw new DecodeError(`yaml: anchor '${name}' value contains itself`)
    this.#entered.add(node)
  }

  /** What an alias stands for, and else the node itself. */
  #resolved(node: Node | null | undefined): Node | null | undefined {
    if (!library().isAlias(node)) return node
    const target = node.resolve(this.#document)
    if (target === undefined) throw new DecodeError(`yaml: unknown anchor '${node.source}' referenced`)
    return target
  }

  /** A block scalar whose last line is the document's, without a break behind it: the parser adds one, go-yaml does not. */
  #endsUnbroken(node: Scalar): boolean {
    if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return false
    return node.range?.[1] === this.#length && this.#unbroken && String(node.value).endsWith('\n')
  }

  /** go-yaml counts the line where the value begins. */
  #lineOf(pair: Pair<Node | null, Node | null>): number {
    return this.#lines.linePos((pair.value ?? pair.key)?.range?.[0] ?? 0).line
  }
}

type Pairs = readonly Pair<Node | null, Node | null>[]

const MERGE_TAG = 'tag:yaml.org,2002:merge'

/** A plain `<<` without a tag; a quoted one is a key like others, unless a tag says that it merges. */
function isMergeKey(key: Node | null): boolean {
  if (!library().isScalar(key) || key.value !== '<<') return false
  return key.tag === MERGE_TAG || (key.type === 'PLAIN' && key.tag !== STRING_TAG)
}

const STRING_TAG = 'tag:yaml.org,2002:str'
const TYPED_TAGS = ['int', 'float', 'bool', 'null'].map((type) => `tag:yaml.org,2002:${type}`)

/** Only plain scalars are read by their looks, and those that a tag says to be more than text. */
function scalarValue(node: Scalar): JsonValue {
  const text = String(node.value ?? '')
  if (node.tag === 'tag:yaml.org,2002:binary') return Buffer.from(text, 'base64').toString('utf8')
  const typed = node.tag !== undefined && TYPED_TAGS.includes(node.tag)
  if (!typed && (node.type !== 'PLAIN' || node.tag === STRING_TAG)) return text
  const plain = resolvePlain(node.source ?? text)
  switch (plain.type) {
    case 'string':
    case 'timestamp':
      return text
    case 'null':
      return null
    case 'boolean':
      return plain.value
    case 'integer': {
      const value = Number(plain.value)
      if (String(value) !== String(plain.value)) throw inexactInteger(text)
      return value
    }
    case 'float':
      if (!Number.isFinite(plain.value))
        throw new DecodeError(`error converting YAML to JSON: json: unsupported value: ${goFloat(plain.value)}`)
      return plain.value
  }
}

const goFloat = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf')
