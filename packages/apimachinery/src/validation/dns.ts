// DNS names as Kubernetes allows them. Each function gives the messages of what is wrong; none means valid. Lengths are counted
// in bytes; what matches a pattern is ASCII, and has as many of them as characters.
import { byteLength, maxLengthMessage, patternMessage } from './message.ts'

const DNS1123_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const DNS1123_SUBDOMAIN = `${DNS1123_LABEL}(\\.${DNS1123_LABEL})*`
const DNS1123_UNDERSCORE_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const DNS1123_UNDERSCORE_SUBDOMAIN = `${DNS1123_UNDERSCORE_LABEL}(\\.${DNS1123_UNDERSCORE_LABEL})*`
const DNS1035_LABEL = '[a-z]([-a-z0-9]*[a-z0-9])?'
const WILDCARD_SUBDOMAIN = `\\*\\.${DNS1123_SUBDOMAIN}`

/** Groups are for repetition alone: nothing of them is remembered. */
const whole = (pattern: string, flags = ''): RegExp => new RegExp(`^${pattern.replaceAll('(', '(?:')}$`, flags)
const dns1123Label = whole(DNS1123_LABEL)
const dns1123Subdomain = whole(DNS1123_SUBDOMAIN)
const dns1123UnderscoreSubdomain = whole(DNS1123_UNDERSCORE_SUBDOMAIN)
const dns1123SubdomainCaseless = whole(DNS1123_SUBDOMAIN, 'i')
const dns1035Label = whole(DNS1035_LABEL)
const wildcardSubdomain = whole(WILDCARD_SUBDOMAIN)

export const DNS1123_LABEL_MAX = 63
export const DNS1123_SUBDOMAIN_MAX = 253

const tooLong = (bytes: number, limit: number): string[] => (bytes > limit ? [maxLengthMessage(limit)] : [])

export function isDNS1123Label(value: string): string[] {
  if (dns1123Label.test(value)) return tooLong(value.length, DNS1123_LABEL_MAX)
  const errors = tooLong(byteLength(value), DNS1123_LABEL_MAX)
  if (dns1123Subdomain.test(value)) return [...errors, 'must not contain dots']
  const sentence =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
  return [...errors, patternMessage(sentence, DNS1123_LABEL, 'my-name', '123-abc')]
}

export function isDNS1123Subdomain(value: string): string[] {
  if (dns1123Subdomain.test(value)) return tooLong(value.length, DNS1123_SUBDOMAIN_MAX)
  const errors = tooLong(byteLength(value), DNS1123_SUBDOMAIN_MAX)
  const sentence =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
  return [...errors, patternMessage(sentence, DNS1123_SUBDOMAIN, 'example.com')]
}

/** Names inside a pod's DNS search list may hold underscores. */
export function isDNS1123SubdomainWithUnderscore(value: string): string[] {
  if (dns1123UnderscoreSubdomain.test(value)) return tooLong(value.length, DNS1123_SUBDOMAIN_MAX)
  const errors = tooLong(byteLength(value), DNS1123_SUBDOMAIN_MAX)
  const sentence =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character"
  return [...errors, patternMessage(sentence, DNS1123_UNDERSCORE_SUBDOMAIN, 'example.com')]
}

export function isDNS1123SubdomainCaseless(value: string): string[] {
  if (dns1123SubdomainCaseless.test(value)) return tooLong(value.length, DNS1123_SUBDOMAIN_MAX)
  const errors = tooLong(byteLength(value), DNS1123_SUBDOMAIN_MAX)
  const sentence =
    "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
  return [...errors, patternMessage(sentence, DNS1123_SUBDOMAIN, 'Example.com')]
}

export function isDNS1035Label(value: string): string[] {
  if (dns1035Label.test(value)) return tooLong(value.length, DNS1123_LABEL_MAX)
  const errors = tooLong(byteLength(value), DNS1123_LABEL_MAX)
  const sentence =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
  return [...errors, patternMessage(sentence, DNS1035_LABEL, 'my-name', 'abc-123')]
}

export function isWildcardDNS1123Subdomain(value: string): string[] {
  if (wildcardSubdomain.test(value)) return tooLong(value.length, DNS1123_SUBDOMAIN_MAX)
  const errors = tooLong(byteLength(value), DNS1123_SUBDOMAIN_MAX)
  const sentence =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
  return [...errors, patternMessage(sentence, WILDCARD_SUBDOMAIN, '*.example.com')]
}

/** A domain name of at least two segments; a trailing dot is allowed. Messages come without a path. */
export function isFullyQualifiedDomainName(value: string): string[] {
  const name = value.endsWith('.') ? value.slice(0, -1) : value
  const errors = isDNS1123Subdomain(name)
  if (errors.length > 0) return [errors.join(',')]
  const labels = name.split('.')
  if (labels.length < 2) return ['should be a domain with at least two segments separated by dots']
  for (const label of labels) {
    const labelErrors = isDNS1123Label(label)
    if (labelErrors.length > 0) return [labelErrors.join(',')]
  }
  return []
}
