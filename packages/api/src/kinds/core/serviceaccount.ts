// ServiceAccount: no rules beyond its metadata.
import type { KindStrategy } from '../../resource.ts'
import { age } from '../row.ts'

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets'

export const serviceAccountStrategy: KindStrategy = {
  warnings(next, old) {
    if (next.metadata.annotations?.[MOUNTABLE] === undefined) return []
    if (old?.metadata.annotations?.[MOUNTABLE] !== undefined) return []
    const advice = 'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets'
    return [`metadata.annotations[${MOUNTABLE}]: ${advice}`]
  },
  row: (object, now) => [object.metadata.name ?? '', age(object, now)],
}
