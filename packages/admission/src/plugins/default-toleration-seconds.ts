// DefaultTolerationSeconds: pods stay five minutes on a node that is lost, unless they say otherwise.
import type { Toleration } from '@keelson/api'
import { isPodWrite, podOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../types.ts'

const SECONDS = 300
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: (attributes) =>
    (attributes.operation === 'CREATE' || attributes.operation === 'UPDATE') && isPodWrite(attributes),
  admit(attributes) {
    const spec = podOf(attributes)?.spec
    if (spec === undefined) return
    for (const key of TAINTS) {
      if (spec.tolerations?.some((toleration) => answers(toleration, key))) continue
      const toleration = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }
      ;(spec.tolerations ??= []).push(toleration)
    }
  },
}

const answers = ({ key = '', effect = '' }: Toleration, taint: string): boolean =>
  (key === taint || key === '') && (effect === 'NoExecute' || effect === '')
