// Indexes of a Job's pods as text: `1,3-5`.
import { goQuote } from '@keelson/apimachinery'

type Interval = readonly [first: number, last: number]

/** How many indexes the text names; a string is what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let total = 0
  let previous: number | undefined
  for (const fragment of text.split(',')) {
    const interval = parseInterval(fragment, completions)
    if (typeof interval === 'string') return interval
    const [first, last] = interval
    if (previous !== undefined && previous >= first) return outOfOrder(previous, first)
    total += last - first + 1
    previous = last
  }
  return total
}

/** What is wrong when an index is in both. What cannot be read is left out here. */
export function overlapOf(completed: string, failed: string, completions: number): string | undefined {
  const [first, second] = [completed, failed].map((text) =>
    text === ''
      ? []
      : text
          .split(',')
          .map((fragment) => parseInterval(fragment, completions))
          .filter((interval) => typeof interval !== 'string'),
  )
  let at = 0
  let otherAt = 0
  for (;;) {
    const interval = first?.[at]
    const other = second?.[otherAt]
    if (interval === undefined || other === undefined) return undefined
    if (interval[0] <= other[1] && other[0] <= interval[1]) {
      return `failedIndexes and completedIndexes overlap at index: ${Math.max(interval[0], other[0])}`
    }
    if (interval[0] <= other[0]) at++
    else otherAt++
  }
}

function parseInterval(fragment: string, completions: number): Interval | string {
  const ends = fragment.split('-')
  if (ends.length > 2) {
    const rule = "an index interval can have at most two parts separated by '-'"
    return `the fragment ${goQuote(fragment)} violates the requirement that ${rule}`
  }
  const bounds: number[] = []
  for (const end of ends) {
    if (!/^\+?[0-9]{1,18}$/.test(end)) return `cannot convert string to integer for index: ${goQuote(end)}`
    if (Number(end) >= completions) return `too large index: ${goQuote(end)}`
    bounds.push(Number(end))
  }
  const [first = 0, last = first] = bounds
  return bounds.length > 1 && first >= last ? outOfOrder(first, last) : [first, last]
}

const outOfOrder = (previous: number, current: number): string =>
  `non-increasing order, previous: ${previous}, current: ${current}`
