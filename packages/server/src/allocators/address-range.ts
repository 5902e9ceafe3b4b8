// Address arithmetic for a service CIDR: which addresses may be handed out, and in which order they are tried.
import { isIPv4, isIPv6 } from 'node:net'

export type IPFamily = 'IPv4' | 'IPv6'

/** KEP-3070: dynamic allocation prefers the upper band, so that low addresses stay free for those who ask for one by name. */
const BAND = { least: 16n, most: 256n, share: 16n }

export interface AddressRange {
  /** As configured and normalized: `10.0.0.0/24`. */
  readonly cidr: string
  readonly family: IPFamily
  contains(address: string): boolean
  /** The first usable address: the `kubernetes` service's. */
  readonly first: string
  /** How many addresses can be handed out. */
  readonly size: bigint
  /** Every usable address once: the upper band from a random start, then the lower one. */
  candidates(random?: () => number): Generator<string, void>
}

/** Throws an Error that names the text when it is no CIDR or too small or too large to hand out addresses from. */
export function parseAddressRange(text: string): AddressRange {
  const [base = '', bitsText = ''] = text.split('/')
  const family = isIPv4(base) ? 'IPv4' : isIPv6(base) ? 'IPv6' : undefined
  const bits = /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : -1
  const width = family === 'IPv4' ? 32 : 128
  if (family === undefined || bits < 0 || bits > width) throw new Error(`${text} is not a CIDR`)
  if (bits > width - 3) throw new Error(`${text} is too small for services: it needs at least 8 addresses`)
  if (family === 'IPv6' && bits < 64) throw new Error(`${text} is too large for services: the shortest prefix is /64`)
  const hostBits = BigInt(width - bits)
  const network = (toNumber(base) >> hostBits) << hostBits
  // The network's own address is never used, nor is the IPv4 broadcast address.
  const first = network + 1n
  const last = network + (1n << hostBits) - (family === 'IPv4' ? 2n : 1n)
  const size = last - first + 1n
  const share = (1n << hostBits) / BAND.share
  const offset =
    1n << hostBits < BAND.least ? 0n : share < BAND.least ? BAND.least : share > BAND.most ? BAND.most : share
  const upper = first + (offset < size ? offset : 0n)
  return {
    cidr: `${toText(network, family)}/${bits}`,
    family,
    contains(address) {
      if (familyOf(address) !== family) return false
      const value = toNumber(address)
      return value >= first && value <= last
    },
    first: toText(first, family),
    size,
    *candidates(random = Math.random) {
      yield* around(upper, last, random)
      if (upper > first) yield* around(first, upper - 1n, random)
    },
  }

  function* around(from: bigint, to: bigint, random: () => number): Generator<string, void> {
    const count = to - from + 1n
    const start = BigInt(Math.floor(random() * Number(count < 1n << 52n ? count : 1n << 52n)))
    for (let i = 0n; i < count; i++) yield toText(from + ((start + i) % count), family ?? 'IPv4')
  }
}

/** Undefined for what is no address. */
export function familyOf(address: string): IPFamily | undefined {
  return isIPv4(address) ? 'IPv4' : isIPv6(address) ? 'IPv6' : undefined
}

/** The canonical text of an address (RFC 5952 for IPv6); the text itself when it is none. */
export function canonicalAddress(address: string): string {
  const family = familyOf(address)
  return family === undefined ? address : toText(toNumber(address), family)
}

function toNumber(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  if (dotted !== null) {
    const low = toNumber(dotted[2] ?? '')
    return toNumber(`${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`)
  }
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].reduce(
    (sum, part) => (sum << 16n) | BigInt(`0x${part}`),
    0n,
  )
}

function toText(value: bigint, family: IPFamily): string {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1) // The URL standard prints IPv6 as RFC 5952 does.
}
