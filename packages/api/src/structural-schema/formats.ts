// The formats of strings that upstream knows, and how it checks them. `-` in a name counts for nothing.
import { parseRequestUri } from '../validation/go-url.ts'
import { isEmailAddress, isIPv4, isIPv6, isMac, isNetwork } from './address-formats.ts'
import { isCreditCard, isISBN10, isISBN13 } from './check-digits.ts'
import { isDate, isDateTime, isDuration } from './time-formats.ts'

const matching =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text)

const uuid = (third: string, fourth: string) =>
  matching(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${third}-?${fourth}-?[0-9a-f]{12}$`, 'i'))
const ANY = '[0-9a-f]{4}'
const VARIANT = '[89ab][0-9a-f]{3}'
const BYTE_OF_COLOR = '(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])'
const HOST_NAME =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u
const MAX_HOST_NAME = 255
const MAX_LABEL = 63
const MAX_SHORT_NAME = 63
const MAX_LONG_NAME = 253
const SHORT_NAME = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'
const SSN_LENGTH = 11

function isHostName(text: string): boolean {
  // A bound before the expression, which is not one of RE2.
  if (Buffer.byteLength(text) > MAX_HOST_NAME || !HOST_NAME.test(text)) return false
  return text.split('.').every((label) => Buffer.byteLength(label) <= MAX_LABEL)
}

const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['bsonobjectid', matching(/^[0-9a-fA-F]{24}$/)],
  ['uri', (text) => typeof parseRequestUri(text) !== 'string'],
  ['email', isEmailAddress],
  ['hostname', isHostName],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', isNetwork],
  ['mac', isMac],
  ['uuid', uuid(ANY, ANY)],
  ['uuid3', uuid('3[0-9a-f]{3}', ANY)],
  ['uuid4', uuid('4[0-9a-f]{3}', VARIANT)],
  ['uuid5', uuid('5[0-9a-f]{3}', VARIANT)],
  ['isbn', (text) => isISBN10(text) || isISBN13(text)],
  ['isbn10', isISBN10],
  ['isbn13', isISBN13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => text.length === SSN_LENGTH && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', matching(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  [
    'rgbcolor',
    matching(
      new RegExp(
        `^rgb\\([ \\t\\n\\f\\r]*${Array(3).fill(BYTE_OF_COLOR).join('[ \\t\\n\\f\\r]*,[ \\t\\n\\f\\r]*')}[ \\t\\n\\f\\r]*\\)$`,
      ),
    ),
  ],
  ['byte', matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => text.length <= MAX_SHORT_NAME && new RegExp(`^${SHORT_NAME}$`).test(text)],
  [
    'k8slongname',
    (text) => text.length <= MAX_LONG_NAME && new RegExp(`^${SHORT_NAME}(?:\\.${SHORT_NAME})*$`).test(text),
  ],
])

const normalized = (format: string): string => format.replaceAll('-', '')

export const isKnownFormat = (format: string): boolean => FORMATS.has(normalized(format))

export const keepsFormat = (format: string, text: string): boolean => FORMATS.get(normalized(format))?.(text) ?? true

/** Whether a format means something with a type of value. Others are ignored when resources are validated. */
export function isFormatOf(type: string, format: string): boolean {
  if (type === '' || type === 'string') return isKnownFormat(format)
  if (type === 'integer') return format === 'int32' || format === 'int64'
  return type === 'number' && (format === 'float' || format === 'double')
}
