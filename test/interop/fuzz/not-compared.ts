// What differs between two runs of the real server, too: the order in which it tells some things, and what it allocates.
import { type JsonMap, isMap } from '../../conformance/exchange.ts'

/** Upstream goes through maps in an order that is new each time. */
export const ANY_ORDER = [
  'causes of a conflict between managers, and lines of several errors of a type',
  'neighbouring causes about one field (labels and annotations are maps), and their order in the message',
]

/** Of a body that is normalized. */
export function inAnyOrder(body: unknown): unknown {
  if (!isMap(body) || body.kind !== 'Status' || typeof body.message !== 'string') return body
  const details: JsonMap = isMap(body.details) ? body.details : {}
  const causes = Array.isArray(details.causes) ? (details.causes as JsonMap[]) : undefined // Of a Status.
  const message = isToldByCauses(body.message, causes) ? '<what the causes say>' : sortedLines(body.message)
  if (causes === undefined) return { ...body, message }
  return {
    ...body,
    message,
    details: { ...details, causes: body.reason === 'Conflict' ? sorted(causes) : sortedRuns(causes) },
  }
}

const sortedLines = (text: string): string => text.split('\n').toSorted().join('\n')

const sorted = (causes: readonly JsonMap[]): JsonMap[] => causes.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))

const textOf = ({ field, message }: JsonMap): string => `${String(field)}: ${String(message)}`

/** Causes about one field that stand together, in the order of their texts. */
function sortedRuns(causes: readonly JsonMap[]): JsonMap[] {
  const runs: JsonMap[][] = []
  for (const cause of causes) {
    const run = runs.at(-1)
    if (run?.[0]?.field === cause.field) run?.push(cause)
    else runs.push([cause])
  }
  return runs.flatMap(sorted)
}

/** `Pod "a" is invalid: [x: y, z: w]` of causes that say the same. */
function isToldByCauses(message: string, causes: readonly JsonMap[] | undefined): boolean {
  if (causes === undefined || causes.length < 2) return false
  return message.endsWith(` is invalid: [${[...new Set(causes.map(textOf))].join(', ')}]`)
}

/** Node ports and cluster IPs inside of messages and patches, which each server draws for itself. */
export function withoutAllocated(kindName: string, body: unknown): unknown {
  if (kindName !== 'services' || !isMap(body) || body.kind !== 'Status') return body
  const text = JSON.stringify(body)
    .replace(/(nodePort: Duplicate value: )3\d{4}/g, '$1<nodePort>')
    .replace(/("message":"Duplicate value: )3\d{4}/g, '$1<nodePort>')
    .replace(/(clusterIPs?(?:\[\d\])?: [^:]*value: [["\\]*)10\.96\.\d+\.\d+/g, '$1<clusterIP>')
    .replace(/("message":"Invalid value: [["\\]*)10\.96\.\d+\.\d+/g, '$1<clusterIP>')
  return JSON.parse(text)
}
