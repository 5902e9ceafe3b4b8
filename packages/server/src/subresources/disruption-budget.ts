// PodDisruptionBudgets as evictions spend them: which one covers a pod, whether it has a disruption left, and what it looks like
// with one less. The disruption controller counts the pods; what happens here it has not seen yet.
import { type KubeObject, StatusError, forbidden, labelSelectorFromObject } from '@keelson/apimachinery'
import type { ResourceRegistry } from '../registry/types.ts'
import { timestamp } from '../registry/deletion-plan.ts'

interface Condition {
  type?: string
  status?: string
  reason?: string
  message?: string
  lastTransitionTime?: string | null
  observedGeneration?: number
}

export interface DisruptionBudget extends KubeObject {
  spec?: { selector?: object; unhealthyPodEvictionPolicy?: string }
  status?: {
    observedGeneration?: number
    disruptionsAllowed?: number
    currentHealthy?: number
    desiredHealthy?: number
    disruptedPods?: Record<string, string>
    conditions?: Condition[]
  }
}

/** Evictions that the disruption controller has not confirmed yet; more than this and none is allowed. */
const MAX_DISRUPTED_PODS = 2000
const RETRY_AFTER_SECONDS = 10
const ALLOWED = 'DisruptionAllowed'

/** The budgets that cover a pod, as the store has them now: one that was just made counts. */
export async function budgetsOf({ cache }: ResourceRegistry, pod: KubeObject): Promise<DisruptionBudget[]> {
  const namespace = pod.metadata.namespace ?? ''
  const listing = await cache.list({ freshness: { kind: 'consistent' }, namespace })
  if (listing.outcome !== 'listed') throw new StatusError(500, 'InternalError', 'the disruption budgets cannot be read')
  return listing.entries
    .map(({ json }) => JSON.parse(json.toString()) as DisruptionBudget) // Of this kind.
    .filter((budget) => covers(budget, pod))
}

/** A budget without a selector, or with one that cannot be understood, covers nothing. */
function covers({ spec }: DisruptionBudget, { metadata }: KubeObject): boolean {
  if (spec?.selector === undefined) return false
  try {
    return labelSelectorFromObject(spec.selector).matches(metadata.labels)
  } catch {
    return false // As upstream has it: stored by an older version, it protects nothing.
  }
}

/** A pod that does not work is not what the budget protects, while enough others do. */
export function allowsUnready({ spec, status }: DisruptionBudget): boolean {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0)
}

/** The budget with one disruption less. StatusError 429 when it has none. */
export function spent(current: KubeObject, podName: string, now: Date): KubeObject {
  const budget = current as DisruptionBudget // The registry holds budgets.
  const { metadata, status = {} } = budget
  const { disruptionsAllowed = 0, disruptedPods = {}, observedGeneration, ...rest } = status
  const name = metadata.name ?? ''
  if ((observedGeneration ?? 0) < (metadata.generation ?? 0)) throw stillProcessed(name)
  // Upstream's name of the resource, here.
  const refused = { group: 'policy', resource: 'poddisruptionbudget' }
  if (disruptionsAllowed < 0) throw forbidden(refused, name, 'pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw forbidden(refused, name, why)
  }
  if (disruptionsAllowed === 0) throw tooMany(whyNone(budget))
  const left = disruptionsAllowed - 1
  return {
    ...budget,
    status: {
      ...(observedGeneration !== undefined && { observedGeneration }),
      disruptedPods: { ...disruptedPods, [podName]: timestamp(now.getTime()) },
      ...rest,
      disruptionsAllowed: left,
      ...(left === 0 && { conditions: withNoneAllowed(status, now) }),
    },
  }
}

function whyNone({ metadata, status = {} }: DisruptionBudget): string {
  const { desiredHealthy = 0, currentHealthy = 0, conditions = [] } = status
  const refusal = `The disruption budget ${metadata.name} does not allow evicting pods currently`
  const condition = conditions.find(({ type, status: value }) => type === ALLOWED && value === 'False')
  const { reason = '', message = '' } = condition ?? {}
  if (message !== '' && reason === 'SyncFailed') return `${refusal} because it failed sync: ${message}`
  if (currentHealthy <= desiredHealthy)
    return `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  return message === '' ? refusal : `${refusal} (${reason}): ${message}`
}

/** The condition keeps its place, and its time when it was false before. */
function withNoneAllowed(
  { conditions = [], observedGeneration }: NonNullable<DisruptionBudget['status']>,
  now: Date,
): Condition[] {
  const old = conditions.find(({ type }) => type === ALLOWED)
  const next: Condition = {
    type: ALLOWED,
    status: 'False',
    ...(observedGeneration !== undefined && observedGeneration !== 0 && { observedGeneration }),
    lastTransitionTime: old?.status === 'False' ? (old.lastTransitionTime ?? null) : timestamp(now.getTime()),
    reason: 'InsufficientPods',
    message: '',
  }
  return old === undefined
    ? [...conditions, next]
    : conditions.map((condition) => (condition === old ? next : condition))
}

/** Also for a pod that changed while it was evicted without being counted. */
export const stillProcessed = (budgetName: string): StatusError =>
  tooMany(`The disruption budget ${budgetName} is still being processed by the server.`, RETRY_AFTER_SECONDS)

const tooMany = (message: string, retryAfterSeconds?: number): StatusError =>
  new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
