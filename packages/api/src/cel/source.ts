// The text of an expression, counted in code points, and how what is wrong with it is shown: message, line, and a caret below.

/** Longer expressions are not looked at. */
export const MAX_EXPRESSION_POINTS = 100_000
/** What is found after that is only counted. */
const MAX_PROBLEMS = 100
/** A longer line is not shown under its message. */
const MAX_SNIPPET_BYTES = 16_384

/** Line from 1, column from 0; both -1 for what has no place. */
interface Location {
  readonly line: number
  readonly column: number
}

export const NOWHERE = -1

export class Source {
  readonly points: readonly number[]
  readonly #lineStarts: number[] = [0]

  constructor(text: string) {
    const points: number[] = []
    for (const character of text) points.push(character.codePointAt(0) ?? 0)
    this.points = points
    for (const [index, point] of points.entries()) if (point === 0x0a) this.#lineStarts.push(index + 1)
  }

  /** Both ends are offsets in code points; `end` is not included. */
  slice(start: number, end: number): string {
    let text = ''
    for (let index = start; index < Math.min(end, this.points.length); index++)
      text += String.fromCodePoint(this.points[index] ?? 0)
    return text
  }

  location(offset: number): Location {
    if (offset === NOWHERE) return { line: -1, column: -1 }
    // cel-go counts so where there is no text at all.
    if (this.points.length === 0) return { line: 1, column: -1 }
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) }
  }

  line(line: number): string | undefined {
    const start = this.#lineStarts[line - 1]
    if (start === undefined || this.points.length === 0) return undefined
    const next = this.#lineStarts[line]
    return this.slice(start, next === undefined ? this.points.length : next - 1)
  }
}

interface Problem extends Location {
  readonly message: string
}

/** What was found wrong with one expression. */
export class Problems {
  readonly #source: Source
  readonly #problems: Problem[] = []
  #count = 0

  constructor(source: Source) {
    this.#source = source
  }

  get count(): number {
    return this.#count
  }

  /** `offset` is in code points, or NOWHERE. */
  add(offset: number, message: string): void {
    this.#count++
    if (this.#count <= MAX_PROBLEMS) this.#problems.push({ ...this.#source.location(offset), message })
  }

  /** In the order of the text, each with its line. */
  toString(): string {
    const sorted = this.#problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
    const shown = sorted.map((problem) => this.#show(problem))
    if (this.#count > MAX_PROBLEMS) shown.push(`${this.#count - MAX_PROBLEMS} more errors were truncated`)
    return shown.join('\n')
  }

  #show({ line, column, message }: Problem): string {
    const head = `ERROR: <input>:${line}:${column + 1}: ${message}`
    const text = this.#source.line(line)?.replaceAll('\t', ' ')
    if (text === undefined || Buffer.byteLength(text) > MAX_SNIPPET_BYTES) return head
    const isWide = (character: string | undefined): boolean => character !== undefined && character > '\u007f'
    const characters = [...text]
    const before = characters.slice(0, column).map((character) => (isWide(character) ? '\uff0e' : '.'))
    return `${head}\n | ${text}\n | ${before.join('')}${isWide(characters[column]) ? '\uff3e' : '^'}`
  }
}
