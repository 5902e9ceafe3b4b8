// Labels of nodes that have newer names: a warning wherever something is chosen by the old ones.
import type { FieldPath } from '@keelson/apimachinery'
import type { LabelSelectorObject, NodeSelectorTerm } from './pod-types.ts'

const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ['failure-domain.beta.kubernetes.io/region', 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ['failure-domain.beta.kubernetes.io/zone', 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ['beta.kubernetes.io/instance-type', 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
])

/** What to say about a label that has a newer name. */
export const deprecatedLabelMessage = (key: string): string | undefined => DEPRECATED.get(key)

export const nodeSelectorTermWarnings = (
  { matchExpressions }: Pick<NodeSelectorTerm, 'matchExpressions'>,
  path: FieldPath,
): string[] =>
  (matchExpressions ?? []).flatMap(({ key = '' }, index) => {
    const message = DEPRECATED.get(key)
    const at = path.child('matchExpressions').index(index).child('key')
    return message === undefined ? [] : [`${at}: ${key} is ${message}`]
  })

/** The same about a label selector that selects nodes. */
export const labelSelectorWarnings = (selector: LabelSelectorObject | undefined, path: FieldPath): string[] => [
  ...nodeSelectorTermWarnings(selector ?? {}, path),
  ...Object.keys(selector?.matchLabels ?? {}).flatMap((label) => {
    const message = DEPRECATED.get(label)
    return message === undefined ? [] : [`${path.child('matchLabels', label)}: ${message}`]
  }),
]
