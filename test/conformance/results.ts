// What of the recorded exchanges passes: by topic, and by resource. The committed file is what docs/api-coverage.md tells.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StepResult } from './replay.ts'

export interface Tally {
  passed: number
  total: number
}

export interface ConformanceResults {
  readonly topics: Readonly<Record<string, Tally>>
  /** By `group/version/resource`; the core group is ''. */
  readonly resources: Readonly<Record<string, Tally>>
}

const FILE = join(import.meta.dirname, 'results.json')

export function recordedResults(): ConformanceResults {
  return JSON.parse(readFileSync(FILE, 'utf8')) as ConformanceResults // Written below.
}

/** A line an entry: two runs that differ in one topic differ in one line. */
export function recordResults({ topics, resources }: ConformanceResults): void {
  const lines = (tallies: Readonly<Record<string, Tally>>): string =>
    Object.entries(tallies)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, { passed, total }]) => `    ${JSON.stringify(name)}: { "passed": ${passed}, "total": ${total} }`)
      .join(',\n')
  writeFileSync(FILE, `{\n  "topics": {\n${lines(topics)}\n  },\n  "resources": {\n${lines(resources)}\n  }\n}\n`)
}

export function summarize(byTopic: ReadonlyMap<string, readonly StepResult[]>): ConformanceResults {
  const topics: Record<string, Tally> = {}
  const resources: Record<string, Tally> = {}
  for (const [topic, results] of byTopic) {
    for (const { path, differences } of results) {
      const passed = differences.length === 0
      count((topics[topic] ??= { passed: 0, total: 0 }), passed)
      const resource = resourceOf(path)
      if (resource !== undefined) count((resources[resource] ??= { passed: 0, total: 0 }), passed)
    }
  }
  return { topics, resources }
}

function count(tally: Tally, passed: boolean): void {
  tally.total++
  if (passed) tally.passed++
}

/** `/apis/apps/v1/namespaces/x/deployments/y/scale` is a request for `apps/v1/deployments`. */
export function resourceOf(path: string): string | undefined {
  const [, root, ...rest] = path.split('/')
  const [group, version, ...parts] = root === 'api' ? ['', ...rest] : root === 'apis' ? rest : []
  const names = parts[0] === 'watch' ? parts.slice(1) : parts
  const resource =
    names[0] === 'namespaces' && (names[2] ?? '') !== '' && !OF_NAMESPACES.has(names[2] ?? '') ? names[2] : names[0]
  return group === undefined || version === undefined || !resource ? undefined : `${group}/${version}/${resource}`
}

const OF_NAMESPACES: ReadonlySet<string> = new Set(['status', 'finalize'])
