// The unified difference of two values printed as JSON, one space a level, as upstream shows refused changes. Three lines of
// context around each change, which are found as Python's and Go's difflib find them.

const CONTEXT = 3

export function unifiedDifference(old: unknown, next: unknown): string {
  const before = lines(old)
  const after = lines(next)
  const edits = editsBetween(before, after)
  return hunksOf(edits)
    .map((hunk) => hunkText(hunk, before, after))
    .join('')
}

/** Go writes these so that JSON can stand in HTML. */
const ESCAPES: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' }

const lines = (value: unknown): string[] =>
  JSON.stringify(value, undefined, 1)
    .replaceAll(/[<>&]/g, (character) => ESCAPES[character] ?? character)
    .split('\n')
    .map((line) => `${line}\n`)

/** `before[from, to)` becomes `after[nextFrom, nextTo)`. */
interface Edit {
  readonly from: number
  readonly to: number
  readonly nextFrom: number
  readonly nextTo: number
}

interface Block {
  readonly from: number
  readonly nextFrom: number
  readonly length: number
}

/** What is between the blocks of lines that stay. */
function editsBetween(before: readonly string[], after: readonly string[]): Edit[] {
  const edits: Edit[] = []
  let from = 0
  let nextFrom = 0
  for (const block of [...blocksOf(before, after), { from: before.length, nextFrom: after.length, length: 0 }]) {
    if (from < block.from || nextFrom < block.nextFrom)
      edits.push({ from, to: block.from, nextFrom, nextTo: block.nextFrom })
    from = block.from + block.length
    nextFrom = block.nextFrom + block.length
  }
  return edits
}

/** In texts of so many lines, lines that fill more than a hundredth of it begin no block. */
const LONG_TEXT = 200

/** Ratcliff and Obershelp: the longest block that both have, then the same with what is before it and what is after it. */
function blocksOf(before: readonly string[], after: readonly string[]): Block[] {
  const places = new Map<string, number[]>()
  for (const [index, line] of after.entries()) {
    const known = places.get(line)
    if (known === undefined) places.set(line, [index])
    else known.push(index)
  }
  const most = after.length >= LONG_TEXT ? Math.floor(after.length / 100) + 1 : Infinity
  for (const [line, indices] of places) if (indices.length > most) places.delete(line)

  const blocks: Block[] = []
  const collect = (from: number, to: number, nextFrom: number, nextTo: number): void => {
    const block = longestBlock(before, after, places, { from, to, nextFrom, nextTo })
    if (block.length === 0) return
    if (from < block.from && nextFrom < block.nextFrom) collect(from, block.from, nextFrom, block.nextFrom)
    blocks.push(block)
    const [end, nextEnd] = [block.from + block.length, block.nextFrom + block.length]
    if (end < to && nextEnd < nextTo) collect(end, to, nextEnd, nextTo)
  }
  collect(0, before.length, 0, after.length)
  return blocks
}

/** Of several of one length, that which is first in `before`, then in `after`. Lines that begin no block may belong to one. */
function longestBlock(
  before: readonly string[],
  after: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  range: Edit,
): Block {
  let { from, nextFrom } = range
  let length = 0
  // By place in `after`: how long the block is that ends there and at the line before this one.
  let lengths = new Map<number, number>()
  for (let index = range.from; index < range.to; index++) {
    const next = new Map<number, number>()
    for (const place of places.get(before[index] ?? '') ?? []) {
      if (place < range.nextFrom) continue
      if (place >= range.nextTo) break
      const grown = (lengths.get(place - 1) ?? 0) + 1
      next.set(place, grown)
      if (grown <= length) continue
      from = index - grown + 1
      nextFrom = place - grown + 1
      length = grown
    }
    lengths = next
  }
  while (from > range.from && nextFrom > range.nextFrom && before[from - 1] === after[nextFrom - 1]) {
    from--
    nextFrom--
    length++
  }
  while (
    from + length < range.to &&
    nextFrom + length < range.nextTo &&
    before[from + length] === after[nextFrom + length]
  )
    length++
  return { from, nextFrom, length }
}

/** Edits whose contexts touch share a hunk. */
function hunksOf(edits: readonly Edit[]): Edit[][] {
  const hunks: Edit[][] = []
  for (const edit of edits) {
    const last = hunks.at(-1)
    const previous = last?.at(-1)
    if (last !== undefined && previous !== undefined && edit.from - previous.to <= 2 * CONTEXT) last.push(edit)
    else hunks.push([edit])
  }
  return hunks
}

function hunkText(edits: readonly Edit[], before: readonly string[], after: readonly string[]): string {
  const first = edits[0]
  const last = edits.at(-1)
  if (first === undefined || last === undefined) return ''
  const from = Math.max(0, first.from - CONTEXT)
  const to = Math.min(before.length, last.to + CONTEXT)
  const nextFrom = Math.max(0, first.nextFrom - CONTEXT)
  const nextTo = Math.min(after.length, last.nextTo + CONTEXT)
  let text = `@@ -${rangeText(from, to)} +${rangeText(nextFrom, nextTo)} @@\n`
  let at = from
  for (const edit of edits) {
    for (; at < edit.from; at++) text += ` ${before[at]}`
    for (; at < edit.to; at++) text += `-${before[at]}`
    for (let index = edit.nextFrom; index < edit.nextTo; index++) text += `+${after[index]}`
  }
  for (; at < to; at++) text += ` ${before[at]}`
  return text
}

function rangeText(from: number, to: number): string {
  const length = to - from
  if (length === 1) return String(from + 1)
  return length === 0 ? `${from},0` : `${from + 1},${length}`
}
