// Decodes HPACK's Huffman code (RFC 7541 §5.2) four bits at a time: each state is an inner node of the code's tree.
import { HUFFMAN_CODE_LENGTHS } from './hpack-tables.ts'

const NO_SYMBOL = 256
const EOS = 256
/** The codes in front of EOS have this many bits at most. */
const LONGEST_CODE = 30
const FAILED = 0xffff

interface Machine {
  /** By state × 16 + nibble: the next state, or FAILED. */
  readonly next: Uint16Array
  /** …and the byte that the nibble completes, or NO_SYMBOL: no code is shorter than 5 bits, so there is one at most. */
  readonly symbol: Uint16Array
  /** States in which the input may end: fewer than 8 bits, all ones, since the last symbol. */
  readonly mayEnd: Uint8Array
}

let machine: Machine | undefined

/** Undefined: not a code (EOS inside, or padding that is too long or not all ones). The result is latin1. */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string | undefined {
  machine ??= makeMachine()
  const { next, symbol } = machine
  // A byte holds at most one symbol of 5 bits and the rest of another: 8/5 symbols a byte.
  const out = Buffer.allocUnsafe(Math.ceil(((end - start) * 8) / 5))
  let used = 0
  let state = 0
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0
    for (let shift = 4; shift >= 0; shift -= 4) {
      const move = state * 16 + ((byte >> shift) & 15)
      const emitted = symbol[move] ?? NO_SYMBOL
      if (emitted !== NO_SYMBOL) out[used++] = emitted
      state = next[move] ?? FAILED
      if (state === FAILED) return undefined
    }
  }
  return machine.mayEnd[state] === 1 ? out.toString('latin1', 0, used) : undefined
}

/** An inner node has two children; a leaf is its symbol. */
type Node = [Node | number | undefined, Node | number | undefined]

function makeMachine(): Machine {
  const nodes = innerNodes(makeTree())
  const indexOf = new Map(nodes.map((node, index) => [node, index]))
  const next = new Uint16Array(nodes.length * 16).fill(FAILED)
  const symbol = new Uint16Array(nodes.length * 16).fill(NO_SYMBOL)
  nodes.forEach((from, state) => {
    for (let nibble = 0; nibble < 16; nibble++) {
      let node: Node | undefined = from
      for (let bit = 3; bit >= 0 && node !== undefined; bit--) {
        const child: Node | number | undefined = node[(nibble >> bit) & 1]
        if (typeof child !== 'number') node = child
        else if (child === EOS) node = undefined
        else {
          symbol[state * 16 + nibble] = child
          node = nodes[0]
        }
      }
      if (node !== undefined) next[state * 16 + nibble] = indexOf.get(node) ?? FAILED
    }
  })
  const mayEnd = new Uint8Array(nodes.length)
  let padding = nodes[0]
  for (let bits = 0; bits < 8 && padding !== undefined; bits++) {
    mayEnd[indexOf.get(padding) ?? 0] = 1
    const one: Node | number | undefined = padding[1]
    padding = typeof one === 'number' ? undefined : one
  }
  return { next, symbol, mayEnd }
}

function makeTree(): Node {
  const root: Node = [undefined, undefined]
  const lengths = [...HUFFMAN_CODE_LENGTHS, LONGEST_CODE]
  let code = 0
  for (let length = 1; length <= LONGEST_CODE; length++) {
    code *= 2
    lengths.forEach((own, value) => {
      if (own === length) plant(root, code++, length, value)
    })
  }
  return root
}

function plant(root: Node, code: number, length: number, value: number): void {
  let node = root
  for (let bit = length - 1; bit > 0; bit--) {
    const side = (code >>> bit) & 1
    const child = node[side]
    if (typeof child === 'object') node = child
    else node = node[side] = [undefined, undefined]
  }
  node[code & 1] = value
}

function innerNodes(root: Node): Node[] {
  const nodes = [root]
  // Grows while it is walked.
  for (const node of nodes) for (const child of node) if (typeof child === 'object') nodes.push(child)
  return nodes
}
