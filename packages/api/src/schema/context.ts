// What a running decode knows: where it is in the value, the first type error, the unknown fields. The words are those of
// Go's encoding/json, because clients see them.
import { type JsonValue, goQuote } from '@keelson/apimachinery'

/** A struct field on the way from the root; map keys (text) and list indexes (number) stand between. */
export interface FieldStep {
  readonly name: string
  /** The Go name of the struct that has the field, without its package. */
  readonly structName: string
  /** Go names of the embedded structs that lead to the field, each followed by a dot. */
  readonly embedding: string
}

/** Upstream stops counting there. */
const MAX_UNKNOWN = 100

/** Ends a decode at once: a type that reads itself (a quantity, a time) refused its text. */
export class DecodeAbort extends Error {
  override readonly name = 'DecodeAbort'
}

export class DecodeContext {
  readonly unknown: string[] = []
  /** Where an empty list became null. */
  readonly emptied: (string | number)[][] = []
  /** The first type error. Decoding goes on after it, as Go's does, since a later abort takes precedence. */
  failure: string | undefined

  readonly #reportUnknown: boolean
  readonly #fromTree: boolean
  // A stack with its own depth: popping an array would shrink and grow it for every field.
  readonly #steps: (FieldStep | string | number)[] = []
  #depth = 0
  // Inside of types that read themselves, Go does not look for unknown fields.
  #opaque = 0

  /** Raw JSON in the order of its keys, as what comes from a tree or from YAML has it upstream. */
  readonly sortsRaw: boolean

  constructor(reportUnknown: boolean, fromTree: boolean, sortsRaw: boolean) {
    this.#reportUnknown = reportUnknown
    this.#fromTree = fromTree
    this.sortsRaw = sortsRaw
  }

  enter(step: FieldStep | string | number): void {
    this.#steps[this.#depth++] = step
  }

  leave(): void {
    this.#depth--
  }

  enterOpaque(): void {
    this.#opaque++
  }

  leaveOpaque(): void {
    this.#opaque--
  }

  unknownField(name: string): void {
    if (!this.#reportUnknown || this.#opaque > 0 || this.unknown.length >= MAX_UNKNOWN) return
    const path = this.#strictPath()
    this.unknown.push(`unknown field ${goQuote(path === '' ? name : `${path}.${name}`)}`)
  }

  /** `goType` without pointers: `int32`, `[]v1.Container`; `goKind`: `int32`, `slice`. */
  typeError(value: JsonValue, goType: string, goKind: string): void {
    this.failure ??= this.#fromTree
      ? conversionErrorText(value, goType, goKind)
      : this.typeErrorText(goWord(value), goType)
  }

  /** Of integer types, whose errors repeat the number. Returns the number where upstream's converter lets it overflow. */
  numberError(value: number, goType: string): number | undefined {
    const bits = Number(/\d+$/.exec(goType)?.[0] ?? 64)
    if (this.#fromTree && Number.isInteger(value) && bits < 64) {
      const whole = BigInt(value)
      return Number(goType.startsWith('u') ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole))
    }
    this.failure ??= this.#fromTree
      ? conversionErrorText(value, goType, goType)
      : this.typeErrorText(`number ${value}`, goType)
    return undefined
  }

  /** Of bytes, which are base64 in JSON. */
  bytesError(text: string): void {
    this.failure ??= this.#fromTree ? `error decoding from json: ${text}` : text
  }

  typeErrorText(word: string, goType: string): string {
    // Of a tree, types that read themselves get their part alone.
    const fields = this.#fromTree ? [] : this.#steps.slice(0, this.#depth).filter((step) => typeof step === 'object')
    const last = fields.at(-1)
    if (last === undefined) return `json: cannot unmarshal ${word} into Go value of type ${goType}`
    const path = fields.map(({ embedding, name }) => embedding + name).join('.')
    return `json: cannot unmarshal ${word} into Go struct field ${last.structName}.${path} of type ${goType}`
  }

  /** The list in `name`, a field of the struct that is being read, was empty and becomes null. */
  emptiedList(name: string): void {
    const path = this.#steps.slice(0, this.#depth).map((step) => (typeof step === 'object' ? step.name : step))
    this.emptied.push([...path, name])
  }

  #strictPath(): string {
    let path = ''
    for (let index = 0; index < this.#depth; index++) {
      const step = this.#steps[index]
      if (typeof step === 'number') path += `[${step}]`
      else {
        // The converter of trees does not tell keys of maps.
        if (this.#fromTree && typeof step === 'string') continue
        const name = typeof step === 'object' ? step.name : (step ?? '')
        path += path === '' ? name : `.${name}`
      }
    }
    return path
  }
}

/** What upstream's converter says of a value in a tree that does not fit a Go type. */
function conversionErrorText(value: JsonValue, goType: string, goKind: string): string {
  const kind = goKindOf(value)
  if (goKind === 'slice' || goKind === 'map') return `cannot restore ${goKind} from ${kind}`
  if (goKind === 'struct') return `cannot restore struct from: ${kind}`
  // Go converts integers to texts (of one character) and to each other, so these fail a step later than the others.
  const convertible = (kind === 'int64' && goKind !== 'bool') || (kind === 'float64' && /^u?int|^float/.test(goKind))
  return convertible ? `cannot convert ${kind} to ${goType}` : `unrecognized type: ${goKind}`
}

function goKindOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'map'
}

/** What Go calls a JSON value of the wrong type. */
export function goWord(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
