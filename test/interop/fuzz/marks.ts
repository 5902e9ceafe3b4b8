// What a run of the fuzz has to show.
import type { Report, Tally } from './report.ts'

const MIN_REQUESTS = 20_000
const MIN_REQUESTS_A_KIND = 150
const MIN_REQUESTS_A_VERB = 2000
/** Shares, of all requests; accepted: of the writes. */
const MIN_ACCEPTED = 0.4
const MIN_SAME_STATUS = 0.999
const MIN_SAME_ANSWER = 0.99

/** Texts. `isWhole`: of all kinds and verbs; otherwise only the agreement counts. */
export function missedMarks({ total, writes, byKind, byVerb }: Report, isWhole: boolean): string[] {
  const missed: string[] = []
  const check = (name: string, value: number, least: number): void => {
    if (value < least) missed.push(`${name}: ${value}, should be at least ${least}`)
  }
  check('same status', share(total, 'sameStatus'), MIN_SAME_STATUS)
  check('same answer', share(total, 'sameBody'), MIN_SAME_ANSWER)
  if (!isWhole) return missed
  check('accepted writes', share(writes, 'accepted'), MIN_ACCEPTED)
  check('requests', total.requests, MIN_REQUESTS)
  for (const [kind, { requests }] of byKind) check(`requests of ${kind}`, requests, MIN_REQUESTS_A_KIND)
  for (const [verb, { requests }] of byVerb) check(`requests to ${verb}`, requests, MIN_REQUESTS_A_VERB)
  return missed
}

const share = (tally: Tally, part: 'accepted' | 'sameStatus' | 'sameBody'): number =>
  Math.floor((10_000 * tally[part]) / Math.max(1, tally.requests)) / 10_000
