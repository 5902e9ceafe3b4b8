// The functions that expressions may call, from their tables.
import { KUBERNETES_FUNCTIONS } from './functions-kubernetes.ts'
import { STANDARD_FUNCTIONS } from './functions-standard.ts'
import {
  ANY,
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  formatType,
  INT,
  listOf,
  mapOf,
  NULL,
  opaque,
  parameter,
  STRING,
  struct,
  TIMESTAMP,
  TYPE,
  type Type,
  typeOf,
  UINT,
} from './types.ts'

export interface Overload {
  readonly id: string
  readonly isMethod: boolean
  /** Of a method: the target first. */
  readonly args: readonly Type[]
  readonly result: Type
  /** Names that stand for types. */
  readonly parameters: readonly string[]
}

/** By name, in the order in which they are tried. */
export type Functions = ReadonlyMap<string, readonly Overload[]>

const SIMPLE: ReadonlyMap<string, Type> = new Map(
  [ANY, BOOL, BYTES, DOUBLE, DURATION, DYN, INT, NULL, STRING, TIMESTAMP, TYPE, UINT].map((type) => [
    formatType(type),
    type,
  ]),
)

let functions: Functions | undefined

export function commonFunctions(): Functions {
  functions ??= readFunctions(STANDARD_FUNCTIONS + KUBERNETES_FUNCTIONS)
  return functions
}

export function extendFunctions(base: Functions, table: string): Functions {
  const result = new Map(base)
  for (const [name, overloads] of readFunctions(table)) result.set(name, [...(base.get(name) ?? []), ...overloads])
  return result
}

function readFunctions(table: string): Functions {
  const found = new Map<string, Overload[]>()
  for (const line of table.split('\n')) {
    if (line === '') continue
    const { name, overload } = new LineReader(line).read()
    const overloads = found.get(name)
    if (overloads === undefined) found.set(name, [overload])
    else overloads.push(overload)
  }
  return found
}

/** `list_slice (list(T)).slice(int, int) list(T)` */
class LineReader {
  readonly #line: string
  #position = 0
  readonly #parameters = new Set<string>()

  constructor(line: string) {
    this.#line = line
  }

  read(): { readonly name: string; readonly overload: Overload } {
    const id = this.#until(' ')
    const isMethod = this.#line[this.#position] === '('
    const args: Type[] = []
    if (isMethod) {
      this.#position++
      args.push(this.#type())
      this.#position += ').'.length
    }
    const name = this.#until('(')
    while (this.#line[this.#position] !== ')') {
      args.push(this.#type())
      if (this.#line[this.#position] === ',') this.#position += 2
    }
    this.#position += 2
    const result = this.#type()
    return { name, overload: { id, isMethod, args, result, parameters: [...this.#parameters] } }
  }

  #until(end: string): string {
    const start = this.#position
    this.#position = this.#line.indexOf(end, start)
    const text = this.#line.slice(start, this.#position)
    this.#position++
    return text
  }

  #type(): Type {
    const start = this.#position
    while (/[\w.]/.test(this.#line[this.#position] ?? '')) this.#position++
    const name = this.#line.slice(start, this.#position)
    const parts: Type[] = []
    if (this.#line[this.#position] === '(') {
      this.#position++
      while (this.#line[this.#position] !== ')') {
        parts.push(this.#type())
        if (this.#line[this.#position] === ',') this.#position += 2
      }
      this.#position++
    }
    return this.#named(name, parts)
  }

  #named(name: string, parts: readonly Type[]): Type {
    const simple = SIMPLE.get(name)
    if (simple !== undefined && parts.length === 0) return simple
    const [one = DYN, two = DYN] = parts
    if (name === 'list') return listOf(one)
    if (name === 'map') return mapOf(one, two)
    if (name === 'type') return typeOf(one)
    if (name === 'optional_type') return opaque(name, one)
    if (name.startsWith('net.')) return opaque(name)
    if (/^[A-Z]$/.test(name)) {
      this.#parameters.add(name)
      return parameter(name)
    }
    return struct(name)
  }
}
