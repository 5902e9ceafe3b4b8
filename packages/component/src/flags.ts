// Command-line flags as upstream's binaries read them (pflag): `--flag=value`, `--flag value`, `--flag` for booleans,
// repeated flags for lists, `_` taken for `-` in names. A flag that is not in the table is an error that names it and the
// nearest one that is; a flag that the table knows but the program does not obey is listed in `ignored`.
import { append, parseDuration, parseGoBoolean } from '@keelson/apimachinery'
import { nearest } from './nearest.ts'

export type FlagType =
  | 'string'
  | 'bool'
  | 'int'
  | 'float'
  /** `5m0s` */
  | 'duration'
  /** `a,b`, repeatable */
  | 'strings'
  /** One value each time, commas kept */
  | 'stringArray'
  | 'ints'
  /** `a=b,c=d`, repeatable */
  | 'map'
  | 'ip'
  /** `30000-32767` */
  | 'portRange'

export interface FlagDefinition {
  readonly type: FlagType
  readonly default?: string
  /** False: accepted and ignored. */
  readonly handled: boolean
}

export type FlagTable = Readonly<Record<string, FlagDefinition>>

/** The command line is wrong; `message` is one sentence for the user. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

/** Throws FlagError for unknown flags and for values that do not fit their type. */
export function parseFlags(args: readonly string[], table: FlagTable): Flags {
  const given = new Map<string, string[]>()
  const positional: string[] = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!
    if (argument === '--') {
      append(positional, args.slice(index + 1))
      break
    }
    if (!argument.startsWith('-') || argument === '-') {
      positional.push(argument)
      continue
    }
    const [name, inline] = splitFlag(argument)
    const definition = Object.hasOwn(table, name) ? table[name] : undefined
    if (definition === undefined) throw unknownFlag(name, table)
    let value = inline
    if (value === undefined && definition.type === 'bool') value = 'true'
    value ??= args[++index]
    if (value === undefined) throw new FlagError(`flag needs an argument: --${name}`)
    checkValue(name, definition.type, value)
    given.set(name, [...(given.get(name) ?? []), value])
  }
  return new Flags(table, given, positional)
}

/** `--Name_x=value` → [`Name-x`, value]; `-v=2` is the flag `v`. */
function splitFlag(argument: string): [name: string, value: string | undefined] {
  const body = argument.replace(/^--?/, '')
  const equals = body.indexOf('=')
  const name = (equals < 0 ? body : body.slice(0, equals)).replaceAll('_', '-')
  return [name, equals < 0 ? undefined : body.slice(equals + 1)]
}

function unknownFlag(name: string, table: FlagTable): FlagError {
  const suggestion = nearest(name, Object.keys(table))
  return new FlagError(`unknown flag: --${name}${suggestion === undefined ? '' : ` (did you mean --${suggestion}?)`}`)
}

function checkValue(name: string, type: FlagType, value: string): void {
  const wrong = (what: string): FlagError =>
    new FlagError(`invalid argument ${JSON.stringify(value)} for "--${name}": ${what}`)
  switch (type) {
    case 'bool':
      if (parseGoBoolean(value) === undefined) throw wrong('it must be true or false')
      return
    case 'int':
      if (!isInteger(value)) throw wrong('it must be an integer')
      return
    case 'ints':
      if (!splitList(value).every(isInteger)) throw wrong('it must be a list of integers')
      return
    case 'float':
      if (value.trim() === '' || !Number.isFinite(Number(value))) throw wrong('it must be a number')
      return
    case 'duration':
      if (parseDuration(value) === undefined) throw wrong('it must be a duration such as 30s or 5m0s')
      return
    case 'map':
      if (!splitList(value).every((pair) => pair.includes('='))) throw wrong('it must be key=value pairs')
      return
    case 'ip':
      if (!/^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/.test(value))
        throw wrong('it must be an IP address')
      return
    case 'portRange':
      if (!/^\d{1,5}(-\d{1,5}|\+\d{1,5})?$/.test(value)) throw wrong('it must be a range of ports such as 30000-32767')
      return
    case 'string':
    case 'strings':
    case 'stringArray':
      return
  }
}

const isInteger = (value: string): boolean => /^[-+]?\d+$/.test(value) && Number.isSafeInteger(Number(value))

const splitList = (value: string): string[] =>
  value === '' || value === '[]' ? [] : value.replace(/^\[(.*)\]$/, '$1').split(',')

/** What the command line said, by type. A name that the table does not have is a fault of the program, and throws. */
export class Flags {
  readonly positional: readonly string[]
  readonly #table: FlagTable
  readonly #given: ReadonlyMap<string, readonly string[]>

  constructor(table: FlagTable, given: ReadonlyMap<string, readonly string[]>, positional: readonly string[]) {
    this.#table = table
    this.#given = given
    this.positional = positional
  }

  isGiven(name: string): boolean {
    return this.#given.has(name)
  }

  /** Flags that were given and change nothing. */
  get ignored(): readonly string[] {
    return [...this.#given.keys()].filter((name) => !this.#definition(name).handled)
  }

  /** The last value wins. '' when neither given nor defaulted. */
  string(name: string): string {
    return this.#given.get(name)?.at(-1) ?? this.#definition(name).default ?? ''
  }

  boolean(name: string): boolean {
    return parseGoBoolean(this.string(name)) ?? false
  }

  /** `int` and `float`; undefined when neither given nor defaulted. */
  number(name: string): number | undefined {
    const text = this.string(name)
    return text === '' ? undefined : Number(text)
  }

  /** In milliseconds; undefined when neither given nor defaulted. */
  durationMs(name: string): number | undefined {
    return parseDuration(this.string(name))
  }

  /** `strings` and `ints` are split at commas, `stringArray` is not. */
  list(name: string): readonly string[] {
    const { type, default: fallback } = this.#definition(name)
    const values = this.#given.get(name) ?? (fallback === undefined ? [] : [fallback])
    return type === 'stringArray' ? values : values.flatMap(splitList)
  }

  /** Of a `map`: the last value of a key wins. */
  pairs(name: string): ReadonlyMap<string, string> {
    return new Map(
      this.list(name).map((pair): [string, string] => {
        const equals = pair.indexOf('=')
        return [pair.slice(0, equals), pair.slice(equals + 1)]
      }),
    )
  }

  #definition(name: string): FlagDefinition {
    const definition = Object.hasOwn(this.#table, name) ? this.#table[name] : undefined
    if (definition === undefined) throw new Error(`the flag table has no ${name}`)
    return definition
  }
}
