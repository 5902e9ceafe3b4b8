// What the members' versions mean for us. Sources: etcd's changelogs; etcd#15220 (progress answers ahead of their
// events), etcd#20418 (stale linearizable reads after a member was paused).

/** [minor series, first good patch] of 3.x. A later series is good. */
type FixedIn = readonly (readonly [minor: number, patch: number])[]

const PROGRESS_FIXED: FixedIn = [
  [4, 25],
  [5, 8],
]
const STALE_READS_FIXED: FixedIn = [
  [4, 42],
  [5, 28],
  [6, 9],
]
const OLDEST_MINOR = 4

/** True when progress requests are answered only after the events they cover. */
export function hasReliableProgress(version: string): boolean {
  return isFixed(version, PROGRESS_FIXED)
}

/** One sentence to be logged at start; undefined for a version without known faults. */
export function versionWarning(version: string): string | undefined {
  const parsed = parse(version)
  if (parsed === undefined) return `etcd says it is version "${version}", which is not known`
  if (parsed.major === 3 && parsed.minor < OLDEST_MINOR)
    return `etcd ${version} is older than 3.4, the oldest that is supported`
  if (isFixed(version, STALE_READS_FIXED)) return undefined
  return `etcd ${version} may serve stale reads after a member was paused (etcd#20418): use 3.4.42, 3.5.28, 3.6.9 or later`
}

function isFixed(version: string, fixedIn: FixedIn): boolean {
  const parsed = parse(version)
  if (parsed === undefined) return false
  if (parsed.major !== 3) return parsed.major > 3
  const series = fixedIn.find(([minor]) => minor === parsed.minor)
  if (series !== undefined) return parsed.patch >= series[1]
  return parsed.minor > (fixedIn.at(-1)?.[0] ?? 0)
}

function parse(version: string): { major: number; minor: number; patch: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version)
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) }
}
