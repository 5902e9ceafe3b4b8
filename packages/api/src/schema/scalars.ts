// Texts, truth values, numbers and bytes.
import type { JsonValue } from '@keelson/apimachinery'
import { base64Corruption } from './base64.ts'
import type { DecodeContext } from './context.ts'
import type { Decoder } from './decoder.ts'

export class StringDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = false

  constructor(goType: string) {
    this.goType = goType
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (typeof value === 'string') return value
    if (value !== null) context.typeError(value, this.goType, 'string')
    return undefined
  }

  isEmpty(value: JsonValue): boolean {
    return value === ''
  }

  zero(): JsonValue {
    return ''
  }
}

export class BooleanDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = false

  constructor(goType: string) {
    this.goType = goType
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (typeof value === 'boolean') return value
    if (value !== null) context.typeError(value, this.goType, 'bool')
    return undefined
  }

  isEmpty(value: JsonValue): boolean {
    return value === false
  }

  zero(): JsonValue {
    return false
  }
}

/** Bounds are inclusive; an infinite bound with `whole` false is a float. */
export interface NumberRange {
  readonly low: number
  readonly high: number
  readonly whole: boolean
}

export const NUMBER_RANGES: Readonly<Record<string, NumberRange>> = {
  int: { low: -(2 ** 63), high: 2 ** 63, whole: true },
  int8: { low: -128, high: 127, whole: true },
  int16: { low: -32_768, high: 32_767, whole: true },
  int32: { low: -(2 ** 31), high: 2 ** 31 - 1, whole: true },
  int64: { low: -(2 ** 63), high: 2 ** 63, whole: true },
  uint8: { low: 0, high: 255, whole: true },
  uint16: { low: 0, high: 65_535, whole: true },
  uint32: { low: 0, high: 2 ** 32 - 1, whole: true },
  uint64: { low: 0, high: 2 ** 64, whole: true },
  float32: { low: -Infinity, high: Infinity, whole: false },
  float64: { low: -Infinity, high: Infinity, whole: false },
}

export class NumberDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = false
  readonly #range: NumberRange

  constructor(goType: string, range: NumberRange) {
    this.goType = goType
    this.#range = range
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (typeof value !== 'number') {
      if (value !== null) context.typeError(value, this.goType, this.goType)
      return undefined
    }
    if (value >= this.#range.low && value <= this.#range.high && (!this.#range.whole || Number.isInteger(value)))
      return value
    return context.numberError(value, this.goType)
  }

  isEmpty(value: JsonValue): boolean {
    return value === 0
  }

  zero(): JsonValue {
    return 0
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** []byte: base64 text. Written back as Go writes it, without line ends and stray bits. */
export class BytesDecoder implements Decoder {
  readonly goType = '[]uint8'
  readonly neverEmpty = false

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (typeof value !== 'string') {
      if (Array.isArray(value)) return bytesOf(value, context)
      // No bytes: what a null in a map has become when it comes back from upstream's storage.
      if (value === null) return ''
      context.typeError(value, this.goType, 'slice')
      return undefined
    }
    if (BASE64.test(value)) return value.endsWith('=') ? Buffer.from(value, 'base64').toString('base64') : value
    const text = value.replace(/[\r\n]/g, '')
    if (BASE64.test(text)) return Buffer.from(text, 'base64').toString('base64')
    context.bytesError(`illegal base64 data at input byte ${base64Corruption(value)}`)
    return undefined
  }

  isEmpty(value: JsonValue): boolean {
    return value === ''
  }

  zero(): JsonValue {
    return ''
  }
}

const BYTE = new NumberDecoder('uint8', { low: 0, high: 255, whole: true })

/** Go takes bytes as a list of numbers too. */
function bytesOf(values: readonly JsonValue[], context: DecodeContext): JsonValue {
  const bytes = values.map((value, index) => {
    context.enter(index)
    const byte = BYTE.decode(value, context)
    context.leave()
    return typeof byte === 'number' ? byte : 0
  })
  return Buffer.from(bytes).toString('base64')
}
