// Types that read themselves: quantities, times, int-or-string, raw JSON, and the either-or types of JSON schemas.
import { type JsonValue, QuantityError, canonicalQuantity, compareBytes } from '@keelson/apimachinery'
import { DecodeAbort, type DecodeContext, goWord } from './context.ts'
import type { Decoder } from './decoder.ts'
import { MICRO_TIME, SECOND_TIME, type TimeLayout, canonicalTime } from './go-time.ts'

const INT32 = 2 ** 31

/** Quantities that are in their canonical form beyond doubt: up to three digits stay whatever the suffix. */
const PLAIN_QUANTITY = /^(?:0|[1-9][0-9]{0,2}(?:m|k|M|G|T|Ki|Mi|Gi|Ti)?)$/

const SCHEMAS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'

/** `compile` gives the decoders of the types that either-or types choose from. */
export function customDecoder(type: string, compile: (text: string) => Decoder): Decoder {
  switch (type) {
    case 'io.k8s.apimachinery.pkg.api.resource.Quantity':
      return new QuantityDecoder()
    case 'io.k8s.apimachinery.pkg.apis.meta.v1.Time':
      return new TimeDecoder('v1.Time', SECOND_TIME)
    case 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime':
      return new TimeDecoder('v1.MicroTime', MICRO_TIME)
    case 'io.k8s.apimachinery.pkg.util.intstr.IntOrString':
      return new IntOrStringDecoder()
    case 'io.k8s.apimachinery.pkg.runtime.RawExtension':
    case 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1':
    case `${SCHEMAS}JSON`:
      return new RawDecoder(type)
    case `${SCHEMAS}JSONSchemaPropsOrBool`:
      return new EitherDecoder(compile, [`${SCHEMAS}JSONSchemaProps`, 'bool'], 'boolean or JSON schema expected')
    case `${SCHEMAS}JSONSchemaPropsOrArray`:
      return new EitherDecoder(compile, [`${SCHEMAS}JSONSchemaProps`, `[]${SCHEMAS}JSONSchemaProps`], '')
    case `${SCHEMAS}JSONSchemaPropsOrStringArray`:
      return new EitherDecoder(compile, [`${SCHEMAS}JSONSchemaProps`, '[]string'], '')
    default:
      throw new Error(`no decoder for the type ${type}`)
  }
}

class QuantityDecoder implements Decoder {
  readonly goType = 'resource.Quantity'
  readonly neverEmpty = true

  decode(value: JsonValue): JsonValue | undefined {
    if (value === null) return undefined
    if (typeof value === 'string' && PLAIN_QUANTITY.test(value)) return value
    try {
      return canonicalQuantity(typeof value === 'string' ? value : JSON.stringify(value))
    } catch (error) {
      if (error instanceof QuantityError) throw new DecodeAbort(error.message)
      throw error
    }
  }

  isEmpty(): boolean {
    return false
  }

  zero(): JsonValue {
    return '0'
  }
}

class TimeDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = true
  readonly #layout: TimeLayout

  constructor(goType: string, layout: TimeLayout) {
    this.goType = goType
    this.#layout = layout
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (value === null) return undefined
    if (typeof value !== 'string') throw new DecodeAbort(context.typeErrorText(goWord(value), 'string'))
    return canonicalTime(value, this.#layout)
  }

  isEmpty(): boolean {
    return false
  }

  zero(): JsonValue {
    return null
  }
}

class IntOrStringDecoder implements Decoder {
  readonly goType = 'intstr.IntOrString'
  readonly neverEmpty = true

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (value === null) return undefined
    if (typeof value === 'string') return value
    if (typeof value !== 'number') throw new DecodeAbort(context.typeErrorText(goWord(value), 'int32'))
    if (Number.isInteger(value) && value >= -INT32 && value < INT32) return value
    throw new DecodeAbort(context.typeErrorText(`number ${value}`, 'int32'))
  }

  isEmpty(): boolean {
    return false
  }

  zero(): JsonValue {
    return 0
  }
}

/** JSON that stays as it is. */
class RawDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = true

  constructor(goType: string) {
    this.goType = goType
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (value === null) return undefined
    return context.sortsRaw && this.goType.endsWith('.RawExtension') ? inKeyOrder(value) : value
  }

  isEmpty(): boolean {
    return false
  }

  zero(): JsonValue {
    return null
  }
}

function inKeyOrder(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(inKeyOrder)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.keys(value).toSorted(compareBytes)
  return Object.fromEntries(members.map((name) => [name, inKeyOrder(value[name] ?? null)]))
}

/** A JSON schema or something else; `otherwise` is the message for what is neither, '' where that is taken for nothing. */
class EitherDecoder implements Decoder {
  readonly goType = 'v1.JSONSchemaProps'
  readonly neverEmpty = true
  readonly #compile: (text: string) => Decoder
  readonly #types: readonly [schema: string, other: string]
  readonly #otherwise: string

  constructor(compile: (text: string) => Decoder, types: readonly [string, string], otherwise: string) {
    this.#compile = compile
    this.#types = types
    this.#otherwise = otherwise
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    const decoder = this.#choose(value)
    if (decoder !== undefined) {
      context.enterOpaque()
      const decoded = decoder.decode(value, context)
      context.leaveOpaque()
      return decoded
    }
    if (this.#otherwise !== '') throw new DecodeAbort(this.#otherwise)
    return undefined
  }

  isEmpty(): boolean {
    return false
  }

  zero(): JsonValue {
    return null
  }

  #choose(value: JsonValue): Decoder | undefined {
    const [schema, other] = this.#types
    if (Array.isArray(value)) return other.startsWith('[]') ? this.#compile(other) : undefined
    if (typeof value === 'object' && value !== null) return this.#compile(schema)
    return typeof value === 'boolean' && other === 'bool' ? this.#compile(other) : undefined
  }
}
