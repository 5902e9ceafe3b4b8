// `matchLabelKeys` say "pods with the same value as mine": on creation they become requirements of the label selectors.
import type { LabelSelectorObject, Pod } from './pod-types.ts'

export function mergeMatchLabelKeys({ spec, metadata: { labels = {} } }: Pod): void {
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    if (affinity === undefined) continue
    const terms = [
      ...(affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm = {} }) => podAffinityTerm,
      ),
    ]
    for (const { labelSelector, matchLabelKeys, mismatchLabelKeys } of terms) {
      addRequirements(labelSelector, matchLabelKeys, labels, 'In')
      addRequirements(labelSelector, mismatchLabelKeys, labels, 'NotIn')
    }
  }
  for (const { labelSelector, matchLabelKeys } of spec.topologySpreadConstraints ?? []) {
    addRequirements(labelSelector, matchLabelKeys, labels, 'In')
  }
}

/** Without a selector there is nothing to add to: validation refuses that. */
function addRequirements(
  selector: LabelSelectorObject | undefined,
  keys: readonly string[] | undefined,
  labels: Readonly<Record<string, string>>,
  operator: 'In' | 'NotIn',
): void {
  if (selector === undefined) return
  for (const key of keys ?? []) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] })
  }
}
