// Two snapshots side by side: a table of resources, and what differs.
import type { Snapshot } from './snapshot.ts'

export interface Row {
  readonly resource: string
  readonly upstream: number
  readonly keelson: number
  readonly same: number
}

export interface Comparison {
  readonly rows: readonly Row[]
  /** One text for each object that differs. */
  readonly differences: readonly string[]
  readonly events: {
    readonly same: number
    readonly onUpstream: readonly string[]
    readonly onKeelson: readonly string[]
  }
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map()
const LINES_SHOWN = 16

export function compare(upstream: Snapshot, keelson: Snapshot): Comparison {
  const rows: Row[] = []
  const differences: string[] = []
  for (const resource of new Set([...upstream.objects.keys(), ...keelson.objects.keys()])) {
    const [expected, actual] = [upstream.objects.get(resource) ?? NONE, keelson.objects.get(resource) ?? NONE]
    let same = 0
    for (const name of new Set([...expected.keys(), ...actual.keys()])) {
      const [wanted, found] = [expected.get(name) ?? [], actual.get(name) ?? []]
      const [onlyWanted, onlyFound] = [without(wanted, found), without(found, wanted)]
      same += wanted.length - onlyWanted.length
      for (let at = 0; at < Math.max(onlyWanted.length, onlyFound.length); at++)
        differences.push(`${resource} ${name}\n${differingLines(onlyWanted[at], onlyFound[at])}`)
    }
    rows.push({ resource, upstream: count(expected), keelson: count(actual), same })
  }
  const onUpstream = [...upstream.events.difference(keelson.events)].sort()
  const onKeelson = [...keelson.events.difference(upstream.events)].sort()
  return { rows, differences, events: { same: upstream.events.size - onUpstream.length, onUpstream, onKeelson } }
}

export function describe({ rows, events }: Comparison): string {
  const line = (resource: string, ...numbers: (string | number)[]): string =>
    resource.padEnd(60) + numbers.map((number) => String(number).padStart(10)).join('')
  const total = (of: 'upstream' | 'keelson' | 'same'): number => rows.reduce((sum, row) => sum + row[of], 0)
  return [
    line('resource', 'upstream', 'keelson', 'same'),
    ...rows
      .filter((row) => row.upstream + row.keelson > 0)
      .map((row) => line(row.resource, row.upstream, row.keelson, row.same)),
    line('all objects', total('upstream'), total('keelson'), total('same')),
    line(
      'events (reasons by object)',
      events.same + events.onUpstream.length,
      events.same + events.onKeelson.length,
      events.same,
    ),
  ].join('\n')
}

const count = (objects: ReadonlyMap<string, readonly string[]>): number =>
  objects.values().reduce((sum, texts) => sum + texts.length, 0)

/** As bags: each of `others` takes one away. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const rest = [...others]
  return texts.filter((text) => {
    const at = rest.indexOf(text)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

function differingLines(expected: string | undefined, actual: string | undefined): string {
  if (expected === undefined) return '    on Keelson only'
  if (actual === undefined) return '    on the real server only'
  const [left, right] = [expected.split('\n'), actual.split('\n')]
  const lines = [
    ...without(left, right).map((line) => `    upstream: ${line.trim()}`),
    ...without(right, left).map((line) => `    keelson:  ${line.trim()}`),
  ]
  const more = lines.length > LINES_SHOWN ? [`    and ${lines.length - LINES_SHOWN} lines more`] : []
  return [...lines.slice(0, LINES_SHOWN), ...more].join('\n') || '    the same lines in another order'
}
