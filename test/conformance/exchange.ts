// The shape of a recorded exchange: requests, and the answers that kube-apiserver 1.36.3 gave to them. See README.md.

export interface ExchangeRequest {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or a string that is sent as it is. */
  readonly body?: unknown
  /** A user of tokens.csv, or `anonymous`; absent: the administrator. */
  readonly as?: string
}

export interface ExchangeResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: unknown
  readonly events?: readonly unknown[]
}

export interface Step {
  readonly about?: string
  readonly request: ExchangeRequest
  readonly response: ExchangeResponse
  /** Keeps a value of the answer: name → JSON pointer; `${name}` inserts it in later requests. */
  readonly save?: Readonly<Record<string, string>>
  /** Repeats the request until the answer has this: `status`, or JSON pointer → value. */
  readonly until?: Readonly<Record<string, unknown>>
  /** JSON pointers that are not compared; `*` stands for any key or index. */
  readonly ignore?: readonly string[]
  /** The request is a watch: opened, the steps run, events collected until there are `events` of them. */
  readonly watch?: { readonly steps?: readonly Step[]; readonly events: number; readonly timeoutMs?: number }
}

export interface Exchange {
  readonly name: string
  readonly about: string
  readonly steps: readonly Step[]
}

export type JsonMap = Record<string, unknown>
export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const segments = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The value at a JSON pointer; undefined when it is not there. */
export function lookUp(value: unknown, pointer: string): unknown {
  return segments(pointer).reduce<unknown>((node, part) => (node as JsonMap | undefined)?.[part], value) // Any missing step ends in undefined.
}

/** Deletes what a pointer names; the segment `*` stands for every key or index. */
export function erase(node: unknown, pointer: string): void {
  eraseSegments(node, segments(pointer))
}

function eraseSegments(node: unknown, [part = '', ...rest]: string[]): void {
  if (typeof node !== 'object' || node === null) return
  const map = node as JsonMap // Arrays too: their keys are indexes.
  for (const key of part === '*' ? Object.keys(map) : [part]) {
    if (rest.length > 0) eraseSegments(map[key], rest)
    else delete map[key]
  }
}
