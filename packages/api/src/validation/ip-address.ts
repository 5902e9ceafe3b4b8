// IP addresses and CIDR ranges as the older fields of the API take them: leading zeros and IPv4 inside IPv6 once were
// tolerated, so they can be read, but are no longer valid in new values.
import { type FieldError, type FieldPath, append, fieldInvalid, goQuote } from '@keelson/apimachinery'

export interface ParsedAddress {
  readonly family: 4 | 6
  /** 4 or 16 bytes. IPv4 inside IPv6 (`::ffff:1.2.3.4`) is an IPv4 address. */
  readonly bytes: readonly number[]
  /** False: leading zeros, or IPv4 written as IPv6. */
  readonly strict: boolean
}

export const INVALID_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
export const INVALID_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const MAPPED_IP = 'must not be an IPv4-mapped IPv6 address'

export function parseAddress(text: string): ParsedAddress | undefined {
  if (!text.includes(':')) return parseIPv4(text)
  const bytes = parseIPv6(text)
  if (bytes === undefined) return undefined
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  return mapped ? { family: 4, bytes: bytes.slice(12), strict: false } : { family: 6, bytes, strict: true }
}

function parseIPv4(text: string): ParsedAddress | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes: number[] = []
  let strict = true
  for (const part of parts) {
    if (!/^[0-9]+$/.test(part)) return undefined
    const value = Number(part)
    if (value > 255) return undefined
    if (part.length > 1 && part.startsWith('0')) strict = false
    bytes.push(value)
  }
  return { family: 4, bytes, strict }
}

function parseIPv6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groupBytes(halves[0] ?? '')
  const tail = halves.length === 2 ? groupBytes(halves[1] ?? '') : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 16 - head.length - tail.length
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail]
}

/** The bytes of groups between colons; the last one may be an IPv4 address. */
function groupBytes(text: string): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (group.includes('.')) {
      const embedded = index === groups.length - 1 ? parseIPv4(group) : undefined
      if (embedded === undefined) return undefined
      append(bytes, embedded.bytes)
      continue
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    const value = Number.parseInt(group, 16)
    bytes.push(value >> 8, value & 0xff)
  }
  return bytes
}

/** Dotted, or RFC 5952: lower case, the longest run of zero groups as `::`. */
export function formatAddress({ family, bytes }: ParsedAddress): string {
  if (family === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0))
  let start = -1
  let length = 1
  for (let index = 0; index < 8; index++) {
    let end = index
    while (end < 8 && groups[end] === 0) end++
    if (end - index > length) {
      start = index
      length = end - index
    }
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`
}

export const isIPv6 = (text: string): boolean => parseAddress(text)?.family === 6

/** Values that were accepted before (`validBefore`) are not judged again. */
export function checkAddress(
  errors: FieldError[],
  path: FieldPath,
  value: string,
  validBefore: readonly string[] = [],
): void {
  if (validBefore.includes(value)) return
  const address = parseAddress(value)
  if (address === undefined) errors.push(fieldInvalid(path, value, INVALID_IP))
  else if (!address.strict) {
    const isMapped = value.includes(':')
    errors.push(fieldInvalid(path, value, isMapped ? MAPPED_IP : 'must not have leading 0s'))
  }
}

export interface ParsedRange {
  readonly address: ParsedAddress
  readonly prefixLength: number
  readonly strict: boolean
}

export function parseRange(text: string): ParsedRange | undefined {
  const slash = text.indexOf('/')
  const digits = text.slice(slash + 1)
  const host = slash < 0 ? '' : text.slice(0, slash)
  const address = parseAddress(host)
  const bits = host.includes(':') ? 128 : 32
  if (address === undefined || !/^[0-9]{1,3}$/.test(digits) || Number(digits) > bits) return undefined
  // Of IPv4 inside IPv6, the prefix counts from the start of the IPv6 address.
  const prefixLength = Math.max(0, Number(digits) - (bits - address.bytes.length * 8))
  return { address, prefixLength, strict: address.strict && String(Number(digits)) === digits }
}

export function checkRange(
  errors: FieldError[],
  path: FieldPath,
  value: string,
  validBefore: readonly string[] = [],
): void {
  if (validBefore.includes(value)) return
  const range = parseRange(value)
  const refuse = (detail: string): void => void errors.push(fieldInvalid(path, value, detail))
  if (range === undefined) return refuse(INVALID_CIDR)
  if (!range.address.strict && value.includes(':')) return refuse('must not have an IPv4-mapped IPv6 address')
  if (!range.strict) return refuse('must not have leading 0s in IP or prefix length')
  if (formatAddress(networkOf(range)) !== formatAddress(range.address))
    refuse('must not have bits set beyond the prefix length')
}

/** As new fields want it: in the one way of writing it that is canonical. */
export function checkCanonicalRange(errors: FieldError[], value: string, path: FieldPath): void {
  const found = errors.length
  checkRange(errors, path, value)
  const range = parseRange(value)
  if (range === undefined || errors.length > found) return
  const canonical = `${formatAddress(range.address)}/${range.prefixLength}`
  if (canonical !== value) errors.push(fieldInvalid(path, value, `must be in canonical form (${goQuote(canonical)})`))
}

/** The network's first address: the bits after the prefix are zero. */
export function networkOf({ address, prefixLength }: ParsedRange): ParsedAddress {
  const bytes = address.bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - index * 8))
    return byte & (0xff << (8 - bits)) & 0xff
  })
  return { ...address, bytes }
}

export function addressWarnings(path: FieldPath, value: string): string[] {
  const address = parseAddress(value)
  if (address === undefined) return []
  const canonical = formatAddress(address)
  if (!address.strict)
    return [`${path}: non-standard IP address ${goQuote(value)} is invalid: use ${goQuote(canonical)}`]
  if (address.family === 6 && canonical !== value) {
    return [`${path}: IPv6 address ${goQuote(value)} should be in RFC 5952 canonical format (${goQuote(canonical)})`]
  }
  return []
}

export function rangeWarnings(path: FieldPath, value: string): string[] {
  const range = parseRange(value)
  if (range === undefined) return []
  const warnings: string[] = []
  const network = formatAddress(networkOf(range))
  const address = formatAddress(range.address)
  const canonical = `${network}/${range.prefixLength}`
  if (network !== address) {
    const single = `${address}/${range.address.bytes.length * 8}`
    warnings.push(
      `${path}: CIDR value ${goQuote(value)} is ambiguous in this context (should be ${goQuote(canonical)} or ${goQuote(single)}?)`,
    )
  }
  if (!range.strict)
    warnings.push(`${path}: non-standard CIDR value ${goQuote(value)} is invalid: use ${goQuote(canonical)}`)
  if (warnings.length === 0 && range.address.family === 6 && canonical !== value) {
    warnings.push(
      `${path}: IPv6 CIDR value ${goQuote(value)} should be in RFC 5952 canonical format (${goQuote(canonical)})`,
    )
  }
  return warnings
}

/** An address with the length of its network's prefix, in its one canonical form. */
export function checkInterfaceAddress(errors: FieldError[], value: string, path: FieldPath): void {
  const range = parseRange(value)
  if (range === undefined) {
    const detail = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'
    return void errors.push(fieldInvalid(path, value, detail))
  }
  const canonical = `${formatAddress(range.address)}/${range.prefixLength}`
  if (canonical !== value) errors.push(fieldInvalid(path, value, `must be in canonical form (${goQuote(canonical)})`))
}
