// YAML bodies in and out, as sigs.k8s.io/yaml reads and writes them: YAML 1.1 scalars, keys as strings, the first document
// only. The parser is loaded at the first use: few requests need it, and every start would pay.
import { createRequire } from 'node:module'
import type { Document, LineCounter, Node, Pair, Scalar } from 'yaml'
import { setMember } from '../json-tree.ts'
import type { JsonObject, JsonValue } from '../types.ts'
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
    document,
    lines,
    Math.max(MIN_NODES, bytes.byteLength * MAX_NODES_PER_BYTE),
    options.findDuplicates === true,
  )
  return { value: reader.read(), duplicates: reader.duplicates }
}

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
  readonly #findDuplicates: boolean
  #nodesLeft: number

  constructor(document: Document, lines: LineCounter, maxNodes: number, findDuplicates: boolean) {
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
      const target = node.resolve(this.#document)
      if (target === undefined) throw new DecodeError(`yaml: unknown anchor '${node.source}' referenced`)
      return this.#value(target, depth + 1)
    }
    if (isScalar(node)) return scalarValue(node)
    // Items of both collections are nodes (or null) by the parser's own types, which say unknown.
    if (isSeq(node)) return node.items.map((item) => this.#value(item as Node | null, depth + 1))
    if (isMap(node)) return this.#map(node.items as Pair<Node | null, Node | null>[], depth)
    return null
  }

  #map(pairs: readonly Pair<Node | null, Node | null>[], depth: number): JsonObject {
    const object: JsonObject = {}
    for (const pair of pairs) {
      const { isScalar } = library()
      if (isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN') {
        this.#merge(object, pair.value, depth)
        continue
      }
      const key = this.#key(pair.key)
      if (this.#findDuplicates && Object.hasOwn(object, key)) {
        this.duplicates.push(`line ${this.#lineOf(pair.key)}: key ${JSON.stringify(key)} already set in map`)
      }
      setMember(object, key, this.#value(pair.value, depth + 1))
    }
    return object
  }

  /** `<<: *base`: what is written out wins over what is merged in. */
  #merge(object: JsonObject, node: Node | null, depth: number): void {
    const merged = this.#value(node, depth + 1)
    for (const source of Array.isArray(merged) ? merged : [merged]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        throw new DecodeError('yaml: map merge requires map or sequence of maps as the value')
      }
      for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(object, key)) setMember(object, key, value)
    }
  }

  /** Numbers and booleans become the text that they would have in JSON. */
  #key(node: Node | null): string {
    const { isAlias, isScalar } = library()
    const scalar = isAlias(node) ? node.resolve(this.#document) : node
    if (!isScalar(scalar)) throw new DecodeError('yaml: unsupported map key')
    const value = scalarValue(scalar)
    if (value === null) throw new DecodeError('yaml: unsupported map key: null')
    return String(value)
  }

  #lineOf(node: Node | null): number {
    return this.#lines.linePos(node?.range?.[0] ?? 0).line
  }
}

const TYPED_TAGS = ['int', 'float', 'bool', 'null'].map((type) => `tag:yaml.org,2002:${type}`)

/** Only plain scalars are read by their looks, and those that a tag says to be more than text. */
function scalarValue(node: Scalar): JsonValue {
  const text = String(node.value ?? '')
  if (node.tag === 'tag:yaml.org,2002:binary') return Buffer.from(text, 'base64').toString('utf8')
  const typed = node.tag !== undefined && TYPED_TAGS.includes(node.tag)
  if (!typed && (node.type !== 'PLAIN' || node.tag === 'tag:yaml.org,2002:str')) return text
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
