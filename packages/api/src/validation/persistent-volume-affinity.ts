// Which nodes reach a volume: set once. Afterwards the old names of labels may become the new ones.
import { type FieldError, fieldInvalid } from '@keelson/apimachinery'
import type { PersistentVolume } from '../kinds/core/persistentvolume.ts'
import { FIELD_IS_IMMUTABLE, semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'

type Affinity = NonNullable<PersistentVolume['spec']>['nodeAffinity']

const NEW_NAMES: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

export function checkVolumeNodeAffinityChange(errors: FieldError[], next: Affinity, old: Affinity): void {
  if (old === undefined || semanticallyEqual(next, renamed(next, old))) return
  const shown = internalForm('*VolumeNodeAffinity', next)
  errors.push(fieldInvalid('nodeAffinity', shown, `${FIELD_IS_IMMUTABLE}, except for updating from beta label to GA`))
}

/** The old affinity, with the new names where the next one has them. */
function renamed(next: Affinity, old: NonNullable<Affinity>): Affinity {
  const terms = old.required?.nodeSelectorTerms?.map((term, index) => {
    const nextTerm = next?.required?.nodeSelectorTerms?.[index]
    const inPlace = (list: 'matchExpressions' | 'matchFields') =>
      term[list]?.map((requirement, at) => {
        const key = nextTerm?.[list]?.[at]?.key
        const isRenamed = key !== undefined && NEW_NAMES[requirement.key ?? ''] === key
        return isRenamed ? { ...requirement, key } : requirement
      })
    return { ...term, matchExpressions: inPlace('matchExpressions'), matchFields: inPlace('matchFields') }
  })
  return { ...old, required: { ...old.required, nodeSelectorTerms: terms } } as Affinity // Undefined members are as absent ones.
}
