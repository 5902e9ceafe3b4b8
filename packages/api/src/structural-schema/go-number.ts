// How Go prints numbers into messages, and what fits its types.

/** `%v` of a float64: exponents below 1e-4 and from 1e21. */
export function goFloat(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 21) return String(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const MAX_FLOAT32 = 3.402_823_466_385_288_6e38

export const fitsFloat32 = (value: number): boolean => Math.abs(value) <= MAX_FLOAT32

/** Whether the number is a whole one of so many bits. */
export function fitsInteger(value: number, bits: 32 | 64): boolean {
  if (!Number.isInteger(value)) return false
  const whole = BigInt(value)
  return BigInt.asIntN(bits, whole) === whole
}
