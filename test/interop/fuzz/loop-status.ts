// Loops inside the servers write the status of API services and flow schemas, some time after a request: both are awaited, so that
// the next request starts from the same object on both.
import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from '../../conformance/connection.ts'
import { type JsonMap, isMap } from '../../conformance/exchange.ts'
import type { Copies, Pair } from './pair.ts'
import { type Target, objectPath } from './step.ts'

export const WITH_LOOP_STATUS: readonly string[] = [
  'apiservices.apiregistration.k8s.io',
  'flowschemas.flowcontrol.apiserver.k8s.io',
]

/** The loop is taken to be done when the object was not written for so long. */
const QUIET_MS = 40
const MAX_WAITS = 50

export async function awaitLoops({ upstream, keelson }: Pair, target: Target, copies: Copies): Promise<void> {
  if (!WITH_LOOP_STATUS.includes(target.kind.name) || copies.upstream === undefined) return
  const path = objectPath(target)
  let status: string | undefined
  for (let wait = 0; wait < MAX_WAITS; wait++) {
    const [theirs, ours] = await Promise.all([read(upstream, path), read(keelson, path)])
    if (theirs === undefined || ours === undefined) return
    copies.upstream = theirs
    copies.keelson = ours
    const seen = JSON.stringify([versionOf(theirs), versionOf(ours)])
    if (conditionsOf(theirs) === conditionsOf(ours) && conditionsOf(ours) !== 'none' && seen === status) return
    status = seen
    await delay(QUIET_MS)
  }
}

async function read(connection: Connection, path: string): Promise<JsonMap | undefined> {
  const { status, body } = await connection.call({ method: 'GET', path })
  return status === 200 ? (body as JsonMap) : undefined // An object, as 200 says.
}

const versionOf = (object: JsonMap): unknown => isMap(object.metadata) && object.metadata.resourceVersion

/** Of which types, and in which states. */
function conditionsOf({ status }: JsonMap): string {
  const conditions = isMap(status) && Array.isArray(status.conditions) ? (status.conditions as JsonMap[]) : [] // Of a status.
  if (conditions.length === 0) return 'none'
  return conditions
    .map(({ type, status: state, reason, message }) => [type, state, reason, message].join(' '))
    .join('\n')
}
