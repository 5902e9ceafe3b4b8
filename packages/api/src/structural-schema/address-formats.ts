// Addresses of networks and of mail, as upstream's formats read them.
import { parseAddress, parseRange } from '../validation/ip-address.ts'

/** Both, as Go once did, and upstream still does, with zeros in front of the numbers. */
export const isIPv4 = (text: string): boolean => text.includes('.') && parseAddress(text) !== undefined
export const isNetwork = (text: string): boolean => parseRange(text) !== undefined

export const isIPv6 = (text: string): boolean => text.includes(':') && parseAddress(text) !== undefined

/** Pairs of hexadecimal digits between colons or hyphens, or fours between dots; 6, 8 or 20 bytes. */
export function isMac(text: string): boolean {
  const parts = /^(?:[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2})*)|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+)$/
  if (!parts.test(text)) return false
  return [6, 8, 20].includes(text.replaceAll(/[:.-]/g, '').length / 2)
}

const ATOM = String.raw`[a-zA-Z0-9!#$%&'*+/=?^_\x60{|}~\u0080-\u{10ffff}-]+`
const QUOTED = String.raw`"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\x20-\x7e\t\u0080-\u{10ffff}])*"`
const DOTTED = `${ATOM}(?:\\.${ATOM})*`
const LITERAL = String.raw`\[[^\[\]\\\x00-\x20\x7f]+\]`
const SPEC = `(?:${DOTTED}|${QUOTED})@(?:${DOTTED}|${LITERAL})`
const SPACE = '[ \\t]*'
const WORD = `(?:${DOTTED}|${QUOTED})`
const PHRASE = `${WORD}(?:[ \\t]+${WORD})*`
const COMMENT = String.raw`(?:[ \t]*\([^()\\]*\))?[ \t]*`
const ADDRESS = new RegExp(`^${SPACE}(?:${SPEC}|(?:${PHRASE})?${SPACE}<${SPEC}>)${COMMENT}$`, 'u')
const MAX_ADDRESS = 1000

/** One address of RFC 5322, alone or after a name: `Barry Gibbs <bg@example.com>`. */
export const isEmailAddress = (text: string): boolean => text.length <= MAX_ADDRESS && ADDRESS.test(text)
