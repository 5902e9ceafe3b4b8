// The unified difference of two values printed as JSON, one space a level, as upstream shows refused changes. Three lines of
// context around each change.

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

/** The changes between a longest common subsequence of lines. Specs have some hundred lines: the table is small. */
function editsBetween(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const rows = before.length - start - end
  const columns = after.length - start - end
  const common = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1))
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const isSame = before[start + row] === after[start + column]
      const below = common[row + 1]?.[column] ?? 0
      const right = common[row]?.[column + 1] ?? 0
      const current = common[row]
      if (current) current[column] = isSame ? (common[row + 1]?.[column + 1] ?? 0) + 1 : Math.max(below, right)
    }
  }
  const edits: Edit[] = []
  let row = 0
  let column = 0
  while (row < rows || column < columns) {
    const from = row
    const nextFrom = column
    while (row < rows || column < columns) {
      const isSame = row < rows && column < columns && before[start + row] === after[start + column]
      if (isSame) break
      const below = common[row + 1]?.[column] ?? -1
      const right = common[row]?.[column + 1] ?? -1
      if (row < rows && (column >= columns || below >= right)) row++
      else column++
    }
    if (row > from || column > nextFrom) {
      edits.push({ from: start + from, to: start + row, nextFrom: start + nextFrom, nextTo: start + column })
    }
    while (row < rows && column < columns && before[start + row] === after[start + column]) {
      row++
      column++
    }
  }
  return edits
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
