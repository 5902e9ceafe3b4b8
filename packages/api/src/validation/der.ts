// The little of DER (X.690) that a certificate request takes to be read: elements with their tags, inside one another.

export interface DerElement {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length: what a signature is over. */
  readonly whole: Buffer
}

export const SEQUENCE = 0x30
export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const OBJECT_IDENTIFIER = 0x06
/** Context-specific, constructed: [0]. */
export const ATTRIBUTES = 0xa0

const MAX_LENGTH_BYTES = 4

/** The element that `bytes` begin with, and how many bytes follow it. None: truncated, or a length not told the short way. */
export function firstElement(bytes: Buffer): [element: DerElement | undefined, trailing: number] {
  const none: [undefined, number] = [undefined, 0]
  const tag = bytes[0] ?? 0
  const first = bytes[1]
  // No type of a certificate request has a tag of several bytes.
  if (first === undefined || (tag & 0x1f) === 0x1f) return none
  let start = 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > MAX_LENGTH_BYTES || start + count > bytes.length) return none
    length = bytes.readUIntBE(start, count)
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) return none
    start += count
  }
  const end = start + length
  if (end > bytes.length) return none
  return [{ tag, content: bytes.subarray(start, end), whole: bytes.subarray(0, end) }, bytes.length - end]
}

/** The elements that fill `bytes`; undefined when they do not. */
function derElements(bytes: Buffer): DerElement[] | undefined {
  const elements: DerElement[] = []
  for (let rest = bytes; rest.length > 0;) {
    const [element] = firstElement(rest)
    if (element === undefined) return undefined
    elements.push(element)
    rest = rest.subarray(element.whole.length)
  }
  return elements
}

/** The elements inside one, when their tags are these. */
export function derChildren(element: DerElement | undefined, ...tags: number[]): DerElement[] | undefined {
  const children = element && derElements(element.content)
  if (children === undefined || children.length < tags.length) return undefined
  return tags.every((tag, index) => children[index]?.tag === tag) ? children : undefined
}
