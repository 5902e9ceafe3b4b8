// At most ten managers are remembered for their updates: older ones are put together under one name, by version.
import { compareBytes } from '../go-text.ts'
import { union } from '../structured-merge/field-set.ts'
import { type Managers, identityOf, secondsOf } from './entries.ts'

export const MAX_UPDATE_MANAGERS = 10
const ANCIENT = 'ancient-changes'

/** In place. */
export function capUpdateManagers(managers: Managers): void {
  if (managers.size <= MAX_UPDATE_MANAGERS) return
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update')
  let count = updaters.length
  if (count <= MAX_UPDATE_MANAGERS) return
  updaters.sort(([idA, a], [idB, b]) => secondsOf(a) - secondsOf(b) || compareBytes(idA, idB))
  const firstOfVersion = new Map<string, string>()
  for (const [identity, manager] of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) return
    const { apiVersion } = manager
    const first = firstOfVersion.get(apiVersion)
    if (first === undefined) {
      firstOfVersion.set(apiVersion, identity)
      continue
    }
    const bucket = { manager: ANCIENT, operation: 'Update', apiVersion, subresource: '' } as const
    const bucketIdentity = identityOf(bucket)
    const before = managers.get(bucketIdentity) ?? managers.get(first)
    if (!managers.has(bucketIdentity)) managers.delete(first)
    const set = before === undefined ? manager.set : union(manager.set, before.set)
    managers.delete(identity)
    // The time of the younger of the two.
    managers.set(bucketIdentity, { ...bucket, time: manager.time, set, entry: undefined })
    count--
  }
}
