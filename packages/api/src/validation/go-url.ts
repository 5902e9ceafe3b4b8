// A URL as Go's url.Parse reads it: more forgiving than browsers with paths, less with hosts.
import { goQuote } from '@keelson/apimachinery'

export interface GoUrl {
  readonly scheme: string
  readonly user: string | undefined
  readonly host: string
  readonly query: string
  readonly fragment: string
}

const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):/
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/
const BAD_ESCAPE = /%(?![0-9a-fA-F]{2}).{0,2}/
const BAD_HOST = /[ \\^`{|}/?#@]/
const USER = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/

/** As it stands in the first line of a request: an absolute URL, or an absolute path; a fragment is none. */
export function parseRequestUri(text: string): GoUrl | string {
  const url = parseGoUrl(text.replaceAll('#', '%23'))
  if (typeof url === 'string' || url.scheme !== '' || text.startsWith('/')) return url
  return `parse ${goQuote(text)}: ${text === '' ? 'empty url' : 'invalid URI for request'}`
}

/** A text is why it is no URL. */
export function parseGoUrl(text: string): GoUrl | string {
  const why = (reason: string, whole = text): string => `parse ${goQuote(whole)}: ${reason}`
  const [withoutFragment, fragment] = cut(text, '#')
  if (CONTROL.test(withoutFragment)) return why('net/url: invalid control character in URL', withoutFragment)
  if (withoutFragment.startsWith(':')) return why('missing protocol scheme', withoutFragment)
  const scheme = SCHEME.exec(withoutFragment)?.[1] ?? ''
  const [beforeQuery, query] = cut(scheme === '' ? withoutFragment : withoutFragment.slice(scheme.length + 1), '?')
  const url = { scheme: scheme.toLowerCase(), user: undefined, host: '', query, fragment }
  if (!beforeQuery.startsWith('/')) {
    if (scheme !== '') return url
    if (cut(beforeQuery, '/')[0].includes(':'))
      return why('first path segment in URL cannot contain colon', withoutFragment)
  }
  let path = beforeQuery
  const authority: { user: string | undefined; host: string } = { user: undefined, host: '' }
  if (beforeQuery.startsWith('//') && (scheme !== '' || !beforeQuery.startsWith('///'))) {
    const slash = beforeQuery.indexOf('/', 2)
    const text = slash < 0 ? beforeQuery.slice(2) : beforeQuery.slice(2, slash)
    path = slash < 0 ? '' : beforeQuery.slice(slash)
    const at = text.lastIndexOf('@')
    authority.host = text.slice(at + 1)
    if (at >= 0) authority.user = text.slice(0, at)
    const problem =
      hostProblem(authority.host) ?? (USER.test(authority.user ?? '') ? undefined : 'net/url: invalid userinfo')
    if (problem !== undefined) return why(problem, withoutFragment)
  }
  const escape = BAD_ESCAPE.exec(path)?.[0]
  if (escape !== undefined) return why(`invalid URL escape ${goQuote(escape)}`, withoutFragment)
  const inFragment = BAD_ESCAPE.exec(fragment)?.[0]
  if (inFragment !== undefined) return why(`invalid URL escape ${goQuote(inFragment)}`)
  return { ...url, ...authority }
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[') && !host.includes(']')) return "missing ']' in host"
  const port = /:([^:\]]*)$/.exec(host)
  if (port !== null && !/^\d*$/.test(port[1] ?? '')) return `invalid port ${goQuote(port[0])} after host`
  const escape = BAD_ESCAPE.exec(host)?.[0]
  if (escape !== undefined) return `invalid URL escape ${goQuote(escape)}`
  const character = BAD_HOST.exec(host)?.[0]
  return character === undefined ? undefined : `invalid character ${goQuote(character)} in host name`
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
