// What components of Kubernetes log as errors, without what differs from one run to the next.
import { readFileSync } from 'node:fs'

/**
 * What is logged now and then on every server: controllers that are ahead of their own caches or of each other, what a
 * namespace takes with it from under their hands, and requests cut by the end.
 */
const BY_CHANCE = new RegExp(
  [
    String.raw`read version: \d+ is not as new as written version: \d+|the object has been modified`,
    String.raw`because it is being terminated|has just been deleted at|unexpected items still remain in namespace`,
    String.raw`cronjobs.batch \\"web\\" not found|Error deleting job from cronjob" err="jobs.batch \\"\S+\\" not found`,
    String.raw`StatefulSet.* not found|Error getting updated StatefulSet from lister`,
    String.raw`sync \\"\S+\\" failed with replicasets.apps \\"\S+\\" not found`,
    String.raw`timed worker failed" err="pods \\"\S+\\" not found|skipping Pod \S+ for Service \S+: Node \S+ Not Found`,
    String.raw`Error initially creating lease lock.*already exists`,
    String.raw`context canceled|broadcaster already stopped`,
  ].join('|'),
)

/** klog's lines of severity E: `E1121 06:34:33.945746   31814 file.go:215] "message" key="value"`. */
const KLOG_ERROR = /^[EF]\d{4} \S+ +\d+ (\S+?):\d+\] (.*)$/

/** Each error once. */
export function errorsIn(logFiles: readonly string[]): Set<string> {
  const errors = new Set<string>()
  for (const file of logFiles) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const match = KLOG_ERROR.exec(line)
      if (match !== null && !BY_CHANCE.test(line)) errors.add(`${match[1]}: ${withoutIdentities(match[2] ?? '')}`)
    }
  }
  return errors
}

/** Random suffixes of names (no vowels), hashes of templates, uids, numbers, times, addresses. */
const withoutIdentities = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replace(/(?:-[bcdfghjklmnpqrstvwxz2456789]{4,10})+\b/g, '-<random>')
    .replace(/&(\w+)\{.*$/, '&$1{…}') // Maps are printed in any order.
    .replace(/\d+/g, '<n>')
