// The name rules that validation needs, each answering with upstream's messages (none: valid). Expressions are compiled once.

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const CONFIG_KEY = '[-._a-zA-Z0-9]+'
const labelExpression = new RegExp(`^${LABEL}$`)
const subdomainExpression = new RegExp(`^${SUBDOMAIN}$`)
const label1035Expression = new RegExp(`^${LABEL_1035}$`)
const qualifiedExpression = new RegExp(`^${QUALIFIED}$`)
const labelValueExpression = new RegExp(`^(${QUALIFIED})?$`)
const configKeyExpression = new RegExp(`^${CONFIG_KEY}$`)
const portCharacters = /^[-a-z0-9]+$/
const percentExpression = /^[0-9]+%$/
const printableWithoutEquals = /^[ -<>-~]*$/
const headerName = /^[-A-Za-z0-9]+$/
const httpPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/

/** Upstream's wording of a failed expression, with its examples. */
export function expressionMessage(message: string, expression: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return `${message} (${shown === '' ? '' : `e.g. ${shown}`}regex used for validation is '${expression}')`
}

export const maximumLength = (length: number): string => `must be no more than ${length} characters`
export const inclusiveRange = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`

export function isDNS1123Label(value: string): string[] {
  if (value.length <= 63 && labelExpression.test(value)) return []
  const messages = value.length > 63 ? [maximumLength(63)] : []
  if (labelExpression.test(value)) return messages
  if (subdomainExpression.test(value)) return [...messages, 'must not contain dots']
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
  return [...messages, expressionMessage(rule, LABEL, 'my-name', '123-abc')]
}

export function isDNS1123Subdomain(value: string): string[] {
  if (value.length <= 253 && subdomainExpression.test(value)) return []
  const messages = value.length > 253 ? [maximumLength(253)] : []
  if (subdomainExpression.test(value)) return messages
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
  return [...messages, expressionMessage(rule, SUBDOMAIN, 'example.com')]
}

export function isDNS1035Label(value: string): string[] {
  const messages = value.length > 63 ? [maximumLength(63)] : []
  if (label1035Expression.test(value)) return messages
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
  return [...messages, expressionMessage(rule, LABEL_1035, 'my-name', 'abc-123')]
}

const qualifiedRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const qualifiedMessage = expressionMessage(qualifiedRule, QUALIFIED, 'MyName', 'my.name', '123-abc')

/** `name` or `prefix/name`: keys of labels and annotations, resource names, conditions. Lengths are of bytes. */
export function isQualifiedName(value: string): string[] {
  const slash = value.indexOf('/')
  const name = slash < 0 ? value : value.slice(slash + 1)
  if (name.includes('/')) {
    return [
      `a valid label key ${qualifiedMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const messages: string[] = []
  if (slash === 0) messages.push('prefix part must be non-empty')
  if (slash > 0) for (const message of isDNS1123SubdomainInBytes(value.slice(0, slash))) messages.push(`prefix part ${message}`)
  if (name === '') messages.push('name part must be non-empty')
  else if (Buffer.byteLength(name) > 63) messages.push('name part must be no more than 63 bytes')
  if (!qualifiedExpression.test(name)) messages.push(`name part ${qualifiedMessage}`)
  return messages
}

function isDNS1123SubdomainInBytes(value: string): string[] {
  return isDNS1123Subdomain(value).map((message) => (message === maximumLength(253) ? 'must be no more than 253 bytes' : message))
}

export function isLabelValue(value: string): string[] {
  const messages = Buffer.byteLength(value) > 63 ? ['must be no more than 63 bytes'] : []
  if (labelValueExpression.test(value)) return messages
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  return [...messages, expressionMessage(rule, `(${QUALIFIED})?`, 'MyValue', 'my_value', '12345')]
}

/** Keys of a ConfigMap or a Secret: they become file names. */
export function isConfigMapKey(value: string): string[] {
  const messages = value.length > 253 ? [maximumLength(253)] : []
  if (!configKeyExpression.test(value)) {
    const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    messages.push(expressionMessage(rule, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'))
  }
  if (value === '.' || value === '..') messages.push(`must not be '${value}'`)
  else if (value.startsWith('..')) messages.push("must not start with '..'")
  return messages
}

export function isEnvironmentVariableName(value: string): string[] {
  const messages = value === '' ? ['environment variable name must be non-empty'] : []
  if (!printableWithoutEquals.test(value)) {
    messages.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  }
  return messages
}

export function isPortName(value: string): string[] {
  const messages = value.length > 15 ? [maximumLength(15)] : []
  if (!portCharacters.test(value)) {
    messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(value)) messages.push('must contain at least one letter (a-z)')
  if (value.includes('--')) messages.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) messages.push('must not begin or end with a hyphen')
  return messages
}

export const isPortNumber = (value: number): string[] => (value >= 1 && value <= 65535 ? [] : [inclusiveRange(1, 65535)])

export function isPercent(value: string): string[] {
  if (percentExpression.test(value)) return []
  const rule = "a valid percent string must be a numeric string followed by an ending '%'"
  return [expressionMessage(rule, '[0-9]+%', '1%', '93%')]
}

export function isHttpHeaderName(value: string): string[] {
  if (headerName.test(value)) return []
  const rule = "a valid HTTP header must consist of alphanumeric characters or '-'"
  return [expressionMessage(rule, '[-A-Za-z0-9]+', 'X-Header-Name')]
}

/** `acme.io/foo`: messages with the part that is wrong. */
export function isDomainPrefixedPath(value: string): { readonly value: string; readonly message: string }[] {
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1) {
    return [{ value, message: 'must be a domain-prefixed path (such as "acme.io/foo")' }]
  }
  const host = value.slice(0, slash)
  const path = value.slice(slash + 1)
  const wrong = isDNS1123Subdomain(host).map((message) => ({ value: host, message }))
  if (httpPath.test(path)) return wrong
  return [...wrong, { value: path, message: expressionMessage('Invalid path', httpPath.source.slice(1, -1)) }]
}

/** A generateName may end in a dash: it is judged as if a letter followed. */
const maskTrailingDash = (name: string): string => (name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name)

export const nameIsDNSSubdomain = (name: string, prefix: boolean): string[] =>
  isDNS1123Subdomain(prefix ? maskTrailingDash(name) : name)
export const nameIsDNSLabel = (name: string, prefix: boolean): string[] =>
  isDNS1123Label(prefix ? maskTrailingDash(name) : name)
export const nameIsDNS1035Label = (name: string, prefix: boolean): string[] =>
  isDNS1035Label(prefix ? maskTrailingDash(name) : name)
/** A path segment: RBAC names, and whatever only has to fit into a URL. */
export function nameIsPathSegment(name: string, prefix: boolean): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`)
}
