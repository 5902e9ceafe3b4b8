// Conditions that the API server itself sets on pods.

export interface PodCondition {
  type: string
  status: string
  lastProbeTime?: string | null
  lastTransitionTime?: string | null
  reason?: string
  message?: string
}

/** The conditions with this one true; its time of transition is kept when it was true before. */
export function withTrueCondition(
  conditions: readonly PodCondition[],
  condition: { readonly type: string; readonly reason?: string; readonly message?: string },
  now: Date,
): PodCondition[] {
  const old = conditions.find(({ type }) => type === condition.type)
  const isTransition = old?.status !== 'True'
  const { type, ...why } = condition
  const next: PodCondition = {
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: isTransition ? `${now.toISOString().slice(0, 19)}Z` : (old.lastTransitionTime ?? null),
    ...why,
  }
  if (old === undefined) return [...conditions, next]
  return conditions.map((item) => (item === old ? next : item))
}
