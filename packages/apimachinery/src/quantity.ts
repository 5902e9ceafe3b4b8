// resource.Quantity: an exact decimal number with a suffix (`500m`, `1Gi`, `12e6`), and its canonical text.
//
// A quantity keeps at most nine decimal places (parsing rounds away from zero), and the family of suffixes it was written
// in. The canonical text has the largest suffix that leaves an integer: 0.5 is `500m`, 1024Ki is `1Mi`.

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** Says why a text is not a quantity; `message` is upstream's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}

const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const WRONG_NUMBER = 'unable to parse numeric part of quantity'
const WRONG_SUFFIX = "unable to parse quantity's suffix"

const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
const BINARY_SUFFIXES: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const DECIMAL_NAMES: ReadonlyMap<number, string> = new Map(
  [...DECIMAL_SUFFIXES].map(([suffix, exponent]) => [exponent, suffix]),
)

/** Decimal places that are kept. */
const SCALE = 9
const UNIT = 10n ** 9n
const MAX_BINARY = ((1n << 63n) - 1n) * UNIT

/** Longer texts, and exponents beyond this, are refused: their exact value is of no use and costs memory to make. */
const MAX_LENGTH = 1024
const MAX_EXPONENT = 1024

export class Quantity {
  /** Value × 10⁹. */
  readonly nano: bigint
  readonly format: QuantityFormat

  constructor(nano: bigint, format: QuantityFormat) {
    this.nano = nano
    this.format = format
  }

  get isZero(): boolean {
    return this.nano === 0n
  }

  get sign(): -1 | 0 | 1 {
    return this.nano === 0n ? 0 : this.nano < 0n ? -1 : 1
  }

  /** True when there is no fraction. */
  get isInteger(): boolean {
    return this.nano % UNIT === 0n
  }

  compare(other: Quantity): -1 | 0 | 1 {
    return this.nano === other.nano ? 0 : this.nano < other.nano ? -1 : 1
  }

  /** Zero takes the other's format, as upstream's Add does. */
  add(other: Quantity): Quantity {
    return new Quantity(this.nano + other.nano, this.isZero ? other.format : this.format)
  }

  subtract(other: Quantity): Quantity {
    return new Quantity(this.nano - other.nano, this.isZero ? other.format : this.format)
  }

  negate(): Quantity {
    return new Quantity(-this.nano, this.format)
  }

  /** In units of 1, rounded away from zero. */
  value(): bigint {
    return divideUp(this.nano, UNIT)
  }

  /** In thousandths, rounded away from zero. */
  milliValue(): bigint {
    return divideUp(this.nano, 10n ** 6n)
  }

  /** The canonical text. */
  toString(): string {
    if (this.nano === 0n) return '0'
    const magnitude = this.nano < 0n ? -this.nano : this.nano
    if (this.format === 'BinarySI' && magnitude >= 1024n * UNIT && this.isInteger) return this.#binaryText()
    return this.#decimalText()
  }

  toJSON(): string {
    return this.toString()
  }

  #binaryText(): string {
    let mantissa = this.nano / UNIT
    let index = 0
    while (index < BINARY_SUFFIXES.length - 1 && mantissa % 1024n === 0n) {
      mantissa /= 1024n
      index++
    }
    return `${mantissa}${BINARY_SUFFIXES[index]}`
  }

  #decimalText(): string {
    let mantissa = this.nano
    let exponent = -SCALE
    while (mantissa % 1000n === 0n) {
      mantissa /= 1000n
      exponent += 3
    }
    if (this.format === 'DecimalExponent') return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`
    // Beyond E there is no suffix; upstream prints the mantissa alone there, which is another number: keep the value.
    while (exponent > 18) {
      mantissa *= 1000n
      exponent -= 3
    }
    return `${mantissa}${DECIMAL_NAMES.get(exponent)}`
  }
}

const divideUp = (numerator: bigint, denominator: bigint): bigint => {
  const quotient = numerator / denominator
  if (quotient * denominator === numerator) return quotient
  return numerator < 0n ? quotient - 1n : quotient + 1n
}

/**
 * Quantities by their text: a cluster has few that differ, and each is compared many times. Emptied when it is full; texts that
 * are longer than any that people write are not kept.
 */
const parsed = new Map<string, Quantity>()
const MAX_PARSED = 4_096
const MAX_KEPT_LENGTH = 32

/** Throws QuantityError. */
export function parseQuantity(text: string): Quantity {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const quantity = parse(text)
  if (text.length <= MAX_KEPT_LENGTH) {
    if (parsed.size === MAX_PARSED) parsed.clear()
    parsed.set(text, quantity)
  }
  return quantity
}

function parse(text: string): Quantity {
  if (text === '' || text.length > MAX_LENGTH) throw new QuantityError(WRONG_FORMAT)
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text)
  if (match === null) throw new QuantityError(WRONG_FORMAT)
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  const { base, exponent, format } = interpretSuffix(suffix)
  // Upstream reads a number without digits (`k`, `+`) as zero, but for the two greatest suffixes.
  if (whole === '' && fraction === '' && base === 2 && exponent >= 50) throw new QuantityError(WRONG_NUMBER)
  const digits = BigInt(whole + fraction)
  if (digits === 0n) return new Quantity(0n, format)
  const magnitude =
    base === 2 ? scaleBinary(digits, fraction.length, exponent) : scaleDecimal(digits, exponent - fraction.length)
  // A binary fraction of one is printed with decimal suffixes, and keeps them.
  const settled = base === 2 && magnitude < UNIT ? 'DecimalSI' : format
  return new Quantity(sign === '-' ? -magnitude : magnitude, settled)
}

/** The quantity, or undefined for what is not one; numbers of JSON are read by their text. */
export function quantityFrom(value: unknown): Quantity | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  try {
    return parseQuantity(String(value).trim())
  } catch (error) {
    if (error instanceof QuantityError) return undefined
    throw error
  }
}

/** Three digits are no multiple of what the next suffix stands for: canonical as they are, and nearly all quantities are such. */
const SHORT = /^[1-9]\d{0,2}(?:[mkMGT]|[KMGT]i)?$/

/** The canonical text of a quantity in JSON (`0.5` → `500m`). Throws QuantityError. */
export function canonicalQuantity(value: string | number): string {
  if (typeof value === 'string' && SHORT.test(value)) return value
  return parseQuantity(String(value).trim()).toString()
}

export const quantityOf = (value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity =>
  new Quantity(BigInt(value) * UNIT, format)

function interpretSuffix(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  const decimal = DECIMAL_SUFFIXES.get(suffix)
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' }
  const binary = BINARY_SUFFIXES.indexOf(suffix)
  if (binary > 0) return { base: 2, exponent: binary * 10, format: 'BinarySI' }
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) throw new QuantityError(WRONG_SUFFIX)
  const exponent = Number(suffix.slice(1))
  if (Math.abs(exponent) > MAX_EXPONENT) throw new QuantityError(WRONG_SUFFIX)
  return { base: 10, exponent, format: 'DecimalExponent' }
}

function scaleDecimal(digits: bigint, exponent: number): bigint {
  const power = exponent + SCALE
  return power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power))
}

function scaleBinary(digits: bigint, places: number, exponent: number): bigint {
  const magnitude = divideUp(digits * (1n << BigInt(exponent)) * UNIT, 10n ** BigInt(places))
  return magnitude > MAX_BINARY ? MAX_BINARY : magnitude
}
