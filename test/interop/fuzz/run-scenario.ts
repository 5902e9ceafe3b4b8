// Runs one scenario against both servers: drawn step by step from a random stream, or repeated from its recorded steps.
// It ends at the first disagreement, because everything after that would differ for the same reason, and when the real server
// fails to answer.
import { removeObject } from '../../conformance/replay.ts'
import { type Copies, type Outcome, type Pair, send } from './pair.ts'
import type { Random } from './random.ts'
import { ATTEMPTS_TO_CREATE, creation, fill, planOf } from './scenario.ts'
import { type Step, type Target, objectPath } from './step.ts'

export async function runRandom(
  pair: Pair,
  target: Target,
  random: Random,
  without: readonly string[],
): Promise<Outcome[]> {
  const copies: Copies = { upstream: undefined, keelson: undefined }
  const outcomes: Outcome[] = []
  try {
    for (let attempt = 0; attempt < ATTEMPTS_TO_CREATE && copies.upstream === undefined; attempt++) {
      const outcome = await send(pair, creation(target, attempt, random, without), target, copies)
      if (outcome.status === 0) return outcomes
      outcomes.push(outcome)
      if (outcome.differences.length > 0) return outcomes
    }
    for (const planned of planOf(target, random)) {
      if (without.includes(planned.verb)) continue
      const outcome = await send(pair, fill(planned, target, copies.upstream, random), target, copies)
      if (outcome.status === 0) return outcomes
      outcomes.push(outcome)
      if (outcome.differences.length > 0) return outcomes
    }
    return outcomes
  } finally {
    await clean(pair, target)
  }
}

/** The outcome of the last step; undefined when an earlier one differs already. */
export async function repeat(pair: Pair, target: Target, steps: readonly Step[]): Promise<Outcome | undefined> {
  const copies: Copies = { upstream: undefined, keelson: undefined }
  try {
    for (const [index, step] of steps.entries()) {
      const outcome = await send(pair, step, target, copies)
      if (outcome.status === 0) return undefined
      if (index === steps.length - 1) return outcome
      if (outcome.differences.length > 0) return undefined
    }
    return undefined
  } finally {
    await clean(pair, target)
  }
}

/** An object that cannot be deleted stays: the next ones have other names. */
const clean = async ({ upstream, keelson }: Pair, target: Target): Promise<void> => {
  const path = objectPath(target)
  for (const result of await Promise.allSettled([removeObject(upstream, path), removeObject(keelson, path)])) {
    if (result.status === 'rejected') console.error(String(result.reason))
  }
}
