// ServiceAccount: no rules beyond its metadata. Of the secrets that it names, the names are kept.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { age } from '../row.ts'

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets'

/** A reference decoded without a name is empty. */
function keepNames(object: KubeObject): void {
  const account = object as ServiceAccount // The schema has checked it.
  if (!account.secrets) return
  account.secrets = account.secrets.map(({ name }) => (name ? { name } : {}))
}

interface ServiceAccount extends KubeObject {
  secrets?: { name?: string }[]
}

export const serviceAccountStrategy: KindStrategy = {
  prepareForCreate: keepNames,
  prepareForUpdate: keepNames,
  warnings(next, old) {
    if (next.metadata.annotations?.[MOUNTABLE] === undefined) return []
    if (old?.metadata.annotations?.[MOUNTABLE] !== undefined) return []
    const advice = 'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets'
    return [`metadata.annotations[${MOUNTABLE}]: ${advice}`]
  },
  row: (object, now) => [object.metadata.name ?? '', age(object, now)],
}
