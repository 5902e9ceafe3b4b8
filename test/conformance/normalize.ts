// Hides the values that no two servers share: uids, revisions, times near now, generated names, cluster IPs, node ports, ages.
import { type JsonMap, isMap } from './exchange.ts'

export interface NormalizeOptions {
  /** Leaves metadata.managedFields out. */
  readonly ignoreManagedFields: boolean
  /** Names that the server made up → placeholder. */
  readonly generated: ReadonlyMap<string, string>
}

const CLOCK_WINDOW_MS = 2 * 24 * 3600 * 1000
const TIMESTAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g

export function normalize(value: unknown, key: string, options: NormalizeOptions): unknown {
  if (typeof value === 'string') return normalizeLeaf(value, key, options)
  if (typeof value === 'number' && value > 0 && /^(n|healthCheckN)odePort$/.test(key)) return '<nodePort>'
  if (Array.isArray(value)) return value.map((item) => normalize(item, key, options))
  if (!isMap(value)) return value
  const out: JsonMap = {}
  for (const [name, item] of Object.entries(value)) {
    if (key === 'columnDefinitions' && name === 'description') continue // Prose, not behaviour.
    if (name === 'managedFields' && options.ignoreManagedFields) continue
    // The server orders managers by time, in seconds: a run that crosses a second would differ. So they are ordered by name.
    const ordered = name === 'managedFields' && Array.isArray(item) ? item.toSorted(byManager) : item
    // Keys too: managedFields names list entries such as k:{"uid":"..."}.
    out[normalizeText(name, options)] = normalize(ordered, name, options)
  }
  return out
}

function normalizeLeaf(value: string, key: string, options: NormalizeOptions): string {
  if (key === 'resourceVersion' && /^[1-9]\d*$/.test(value)) return '<resourceVersion>'
  if (key === 'continue' && value !== '') return '<continue>'
  if (/^clusterIPs?$/.test(key) && /^[\d.]+$|:/.test(value)) return '<clusterIP>'
  if (key === 'cells' && /^(\d+[smhdy])+$/.test(value)) return '<age>'
  if (key === 'cells' && /\((\d+[smhdy])+ ago\)$/.test(value)) return value.replace(/\(.* ago\)$/, '(<age> ago)')
  if (key === 'cells' && /\/(TCP|UDP|SCTP)\b/.test(value)) return value.replace(/:3\d{4}\//g, ':<nodePort>/')
  if (key === 'cells' && /^10\.\d+\.\d+\.\d+$/.test(value)) return '<clusterIP>'
  return normalizeText(value, options)
}

/** Hides volatile parts inside any string. Fixed dates in a spec stay: only a reading of the clock, near now, is hidden. */
function normalizeText(text: string, { generated, ignoreManagedFields }: NormalizeOptions): string {
  let out = ignoreManagedFields ? withoutManagedFields(text) : text
  for (const [name, placeholder] of generated) out = out.replaceAll(name, placeholder)
  return out
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replace(TIMESTAMP, (time: string, fraction: string | undefined) => {
      if (Math.abs(Date.parse(time) - Date.now()) > CLOCK_WINDOW_MS) return time
      return fraction ? '<microtime>' : '<time>' // Time and MicroTime differ on the wire, so they differ here.
    })
    .replace(/\bey[\w-]+\.[\w-]+\.[\w-]{20,}/g, '<token>')
    .replace(/(IPAddress\.networking\.k8s\.io )"[\d.]+"/g, '$1"<clusterIP>"')
    .replace(/kube-api-access-[a-z0-9]{5}\b/g, 'kube-api-access-<random>')
    .replace(/(resource ?version: "?)\d+("? \(\d+\))?/gi, '$1<number>')
    .replace(/(, current: |in record \(|resourceVersion\\?":\\?")\d+/g, '$1<number>')
    .replace(/(clusterIPs?\\*":\[?\\*")\d+\.[\d.]+/g, '$1<clusterIP>')
    .replace(/(odePort\\*":)[1-9]\d*/g, '$1<nodePort>')
    .replace(/hash=[0-9A-Fa-f]+/g, 'hash=<hash>')
    .replace(/X509SHA256=[0-9a-f]{64}/g, 'X509SHA256=<fingerprint>')
}

/** Some messages hold a whole object as JSON, quoted: managedFields is cut out of it as it is left out elsewhere. */
function withoutManagedFields(text: string): string {
  const match = /,?\\*"managedFields\\*":\[/.exec(text)
  if (match === null) return text
  let depth = 1
  let end = match.index + match[0].length
  for (; end < text.length && depth > 0; end++) {
    if (text[end] === '[') depth++
    else if (text[end] === ']') depth--
  }
  return withoutManagedFields(text.slice(0, match.index) + text.slice(end))
}

interface ManagerEntry {
  readonly manager?: string
  readonly operation?: string
  readonly apiVersion?: string
  readonly subresource?: string
}

function byManager(a: ManagerEntry, b: ManagerEntry): number {
  const [left, right] = [managerKey(a), managerKey(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

const managerKey = ({ manager, operation, apiVersion, subresource = '' }: ManagerEntry): string =>
  [operation, manager, apiVersion, subresource].join(' ')

/** The differences between two JSON values, as lines `path: expected X, got Y`. Key order is free, array order is not. */
export function compare(expected: unknown, actual: unknown, path = ''): string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const lines =
      expected.length === actual.length ? [] : [`${path}: expected ${expected.length} items, got ${actual.length}`]
    const common = Math.min(expected.length, actual.length)
    for (let i = 0; i < common; i++) lines.push(...compare(expected[i], actual[i], `${path}/${i}`))
    return lines
  }
  if (isMap(expected) && isMap(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...keys].flatMap((key) => compare(expected[key], actual[key], `${path}/${key}`))
  }
  if (Object.is(expected, actual)) return []
  const [left, right] = [textOf(expected), textOf(actual)]
  const from = Math.max(0, firstDifference(left, right) - CONTEXT)
  return [`${path}: expected ${excerpt(left, from)}, got ${excerpt(right, from)}`]
}

const MAX_SHOWN = 300
/** Characters shown before the first one that differs, when a text is too long to be shown whole. */
const CONTEXT = 100

const textOf = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))

function firstDifference(left: string, right: string): number {
  let at = 0
  while (at < left.length && left[at] === right[at]) at++
  return at
}

function excerpt(text: string, from: number): string {
  if (text.length <= MAX_SHOWN) return text
  const end = from + MAX_SHOWN
  return `${from > 0 ? '...' : ''}${text.slice(from, end)}${end < text.length ? '...' : ''}`
}
