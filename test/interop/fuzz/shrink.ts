// Makes the shortest scenario that still shows a disagreement: fewer steps, fewer mutations, fewer parameters.
import { type Outcome, type Pair } from './pair.ts'
import { groupOf } from './report.ts'
import { repeat } from './run-scenario.ts'
import type { Step, Target } from './step.ts'

const MAX_ATTEMPTS = 24

/** The shortest scenario found, and the outcome of its last step. */
export async function shrink(
  pair: Pair,
  outcomes: readonly Outcome[],
  newTarget: () => Target,
): Promise<{ steps: readonly Step[]; outcome: Outcome } | undefined> {
  const wanted = outcomes.at(-1)
  if (wanted === undefined) return undefined
  const group = groupOf(newTarget().kind, wanted)
  let best = { steps: outcomes.map(({ step }) => step), outcome: wanted }
  let attempts = 0
  for (let smaller = true; smaller;) {
    smaller = false
    for (const steps of smallerScenarios(best.steps)) {
      if (attempts++ >= MAX_ATTEMPTS) return best
      const target = newTarget()
      const outcome = await repeat(pair, target, steps)
      if (outcome === undefined || groupOf(target.kind, outcome) !== group) continue
      best = { steps, outcome }
      smaller = true
      break
    }
  }
  return best
}

/** Ever more careful: the unmutated sample and the last step, then one step, one mutation or one parameter less. */
function* smallerScenarios(steps: readonly Step[]): Generator<Step[]> {
  const last = steps.at(-1)
  if (last === undefined) return
  const earlier = steps.slice(0, -1)
  const plain: Step = { verb: 'create', sample: earlier[0]?.sample ?? 0, mutations: [] }
  if (earlier.length > 1) yield [plain, last]
  if (earlier.length > 0) yield [last]
  for (const index of earlier.keys()) if (earlier.length > 1) yield [...earlier.toSpliced(index, 1), last]
  for (const [at, step] of steps.entries()) {
    const replace = (smaller: Step): Step[] => steps.toSpliced(at, 1, smaller)
    if (step.mutations.length > 1) yield replace({ ...step, mutations: [] })
    for (const index of step.mutations.keys()) yield replace({ ...step, mutations: step.mutations.toSpliced(index, 1) })
    const { query, ...bare } = step
    if (query && Object.keys(query).length > 0 && step.verb !== 'apply' && step.verb !== 'list') yield replace(bare)
  }
}
