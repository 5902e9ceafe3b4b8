// From least to most: of a size, or of a cost. Counted like 64 bits without a sign that stay at their end.

/** "More than can be counted." */
export const UNBOUNDED = 2 ** 64

export interface Range {
  readonly min: number
  readonly max: number
}

export const UNKNOWN: Range = { min: 0, max: UNBOUNDED }
export const ZERO: Range = { min: 0, max: 0 }

const bounded = (value: number): number => Math.min(value, UNBOUNDED)
const product = (one: number, other: number): number => (one === 0 || other === 0 ? 0 : bounded(one * other))

export const exactly = (value: number): Range => ({ min: value, max: value })
export const add = (one: Range, other: Range): Range => ({
  min: bounded(one.min + other.min),
  max: bounded(one.max + other.max),
})
export const multiply = (one: Range, other: Range): Range => ({
  min: product(one.min, other.min),
  max: product(one.max, other.max),
})
/** Rounded up. */
export const scale = (range: Range, factor: number): Range => ({
  min: bounded(Math.ceil(range.min * factor)),
  max: bounded(Math.ceil(range.max * factor)),
})
export const union = (one: Range, other: Range): Range => ({
  min: Math.min(one.min, other.min),
  max: Math.max(one.max, other.max),
})
