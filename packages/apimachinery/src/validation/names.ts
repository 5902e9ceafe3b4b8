// Names of objects, label keys and values, and the other short texts with a format of their own. Each function gives the
// messages of what is wrong; none means valid.
import { append } from '../append.ts'
import { isDNS1035Label, isDNS1123Label, isDNS1123Subdomain, DNS1123_SUBDOMAIN_MAX } from './dns.ts'
import {
  EMPTY_MESSAGE,
  byteLength,
  inclusiveRangeMessage,
  maxBytesMessage,
  maxLengthMessage,
  patternMessage,
} from './message.ts'

const LABEL_KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${LABEL_KEY})?`
const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`)
const labelKey = whole(LABEL_KEY)
const labelValue = whole(LABEL_VALUE)

const LABEL_KEY_SENTENCE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const LABEL_KEY_MESSAGE = patternMessage(LABEL_KEY_SENTENCE, LABEL_KEY, 'MyName', 'my.name', '123-abc')

// Nearly every key is fine, by one test of one pattern. It may refuse what is valid, never the other way round.
const PLAIN_KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,100}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const ODD_PREFIX = /[-.]\.|\.-/

const isPlainKey = (key: string): boolean => PLAIN_KEY.test(key) && !(key.includes('/') && ODD_PREFIX.test(key))

/** A label key, annotation key or condition type: `[prefix/]name`. */
export function isQualifiedName(value: string): string[] {
  if (isPlainKey(value)) return []
  const parts = value.split('/')
  if (parts.length > 2) {
    return [
      `a valid label key ${LABEL_KEY_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const errors: string[] = []
  const name = parts.at(-1) ?? ''
  if (parts.length === 2) {
    const prefix = parts[0] ?? ''
    if (prefix === '') errors.push(`prefix part ${EMPTY_MESSAGE}`)
    else
      append(
        errors,
        isDNS1123Subdomain(prefix).map((message) => `prefix part ${inBytes(message)}`),
      )
  }
  if (name === '') errors.push(`name part ${EMPTY_MESSAGE}`)
  else if (byteLength(name) > 63) errors.push(`name part ${maxBytesMessage(63)}`)
  if (!labelKey.test(name)) errors.push(`name part ${LABEL_KEY_MESSAGE}`)
  return errors
}

/** This rule counts bytes where the rule for names of objects says characters; the words are upstream's. */
const inBytes = (message: string): string => message.replace(/(\d+) characters$/, '$1 bytes')

export function isLabelValue(value: string): string[] {
  // What matches is ASCII.
  if (value.length <= 63 && labelValue.test(value)) return []
  const errors = byteLength(value) > 63 ? [maxBytesMessage(63)] : []
  if (labelValue.test(value)) return errors
  const sentence =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  return [...errors, patternMessage(sentence, LABEL_VALUE, 'MyValue', 'my_value', '12345')]
}

/** A rule for metadata.name; `prefix`: the text is a generateName, to which characters will be added. */
export type NameRule = (name: string, prefix: boolean) => string[]

export const nameIsDNSSubdomain: NameRule = (name, prefix) => isDNS1123Subdomain(prefix ? maskTrailingDash(name) : name)
export const nameIsDNSLabel: NameRule = (name, prefix) => isDNS1123Label(prefix ? maskTrailingDash(name) : name)
export const nameIsDNS1035Label: NameRule = (name, prefix) => isDNS1035Label(prefix ? maskTrailingDash(name) : name)

/** Anything that can stand between two slashes of a URL (RBAC objects). */
export const nameIsPathSegment: NameRule = (name, prefix) => {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}

/** A generateName may end in a dash: what is appended makes the name end well. */
function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}

const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*'
const cIdentifier = whole(C_IDENTIFIER)

export function isCIdentifier(value: string): string[] {
  if (cIdentifier.test(value)) return []
  const sentence =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'"
  return [patternMessage(sentence, C_IDENTIFIER, 'my_name', 'MY_NAME', 'MyName')]
}

const CONFIG_KEY = '[-._a-zA-Z0-9]+'
const configKey = whole(CONFIG_KEY)

export function isConfigMapKey(value: string): string[] {
  const errors = byteLength(value) > DNS1123_SUBDOMAIN_MAX ? [maxLengthMessage(DNS1123_SUBDOMAIN_MAX)] : []
  if (!configKey.test(value)) {
    const sentence = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    errors.push(patternMessage(sentence, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'))
  }
  return [...errors, ...parentDirectoryMessages(value)]
}

const ENV_NAME = '[-._a-zA-Z][-._a-zA-Z0-9]*'
const envName = whole(ENV_NAME)

export function isEnvVarName(value: string): string[] {
  const errors: string[] = []
  if (!envName.test(value)) {
    const sentence =
      "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit"
    errors.push(patternMessage(sentence, ENV_NAME, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1'))
  }
  return [...errors, ...parentDirectoryMessages(value)]
}

/** Since 1.34 the usual rule for environment variables: printable ASCII without `=`. */
export function isRelaxedEnvVarName(value: string): string[] {
  const errors = value === '' ? [`environment variable name ${EMPTY_MESSAGE}`] : []
  if (!/^[ -<>-~]*$/.test(value)) {
    errors.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  }
  return errors
}

function parentDirectoryMessages(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

/** Port names as nearly all are: a letter, then letters and digits. */
const PLAIN_PORT_NAME = /^[a-z][a-z0-9]{0,14}$/

/** IANA service names, as port names are. */
export function isPortName(value: string): string[] {
  if (PLAIN_PORT_NAME.test(value)) return []
  const errors: string[] = []
  if (byteLength(value) > 15) errors.push(maxLengthMessage(15))
  if (!/^[-a-z0-9]+$/.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

export function isPortNumber(port: number): string[] {
  return port >= 1 && port <= 65_535 ? [] : [inclusiveRangeMessage(1, 65_535)]
}

export function isPercent(value: string): string[] {
  if (/^[0-9]+%$/.test(value)) return []
  return [
    patternMessage("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%'),
  ]
}

export function isHTTPHeaderName(value: string): string[] {
  if (/^[-A-Za-z0-9]+$/.test(value)) return []
  return [
    patternMessage(
      "a valid HTTP header must consist of alphanumeric characters or '-'",
      '[-A-Za-z0-9]+',
      'X-Header-Name',
    ),
  ]
}
