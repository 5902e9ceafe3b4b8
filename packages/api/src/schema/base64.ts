// Where a base64 text is wrong, counted as Go's encoding/base64 counts it: clients see the number.

const isLineEnd = (character: string): boolean => character === '\n' || character === '\r'

/** The offset that Go reports for a text that is not standard base64. */
export function base64Corruption(text: string): number {
  let at = 0
  for (;;) {
    const quantum = readQuantum(text, at)
    if ('corrupt' in quantum) return quantum.corrupt
    if (quantum.next >= text.length) return text.length
    at = quantum.next
  }
}

type Quantum = { readonly next: number } | { readonly corrupt: number }

/** Four characters from `at`, line ends between them ignored. */
function readQuantum(text: string, at: number): Quantum {
  let count = 0
  while (count < 4) {
    if (at === text.length) return count === 0 ? { next: at } : { corrupt: at - count }
    const character = text[at++] ?? ''
    if (isLineEnd(character)) continue
    if (/[A-Za-z0-9+/]/.test(character)) count++
    else if (character === '=') return readPadding(text, at, count)
    else return { corrupt: at - 1 }
  }
  return { next: at }
}

/** `at` is behind the first `=`, which followed `count` characters of the quantum. Nothing may follow the padding. */
function readPadding(text: string, at: number, count: number): Quantum {
  if (count < 2) return { corrupt: at - 1 }
  if (count === 2) {
    at = skipLineEnds(text, at)
    if (at === text.length) return { corrupt: text.length }
    if (text[at] !== '=') return { corrupt: at - 1 }
    at++
  }
  at = skipLineEnds(text, at)
  return at < text.length ? { corrupt: at } : { next: at }
}

function skipLineEnds(text: string, at: number): number {
  while (at < text.length && isLineEnd(text[at] ?? '')) at++
  return at
}
