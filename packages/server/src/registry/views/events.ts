// Events: events.k8s.io/v1 names the fields of the stored core/v1 Event anew.
import type { KubeObject } from '@keelson/apimachinery'
import type { Conversion } from './version-view.ts'

/** Served name, stored name. Fields that are not here have one name. */
const RENAMED = [
  ['reportingController', 'reportingComponent'],
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const

const TO_STORED: ReadonlyMap<string, string> = new Map(RENAMED)
const FROM_STORED: ReadonlyMap<string, string> = new Map(RENAMED.map(([served, stored]) => [stored, served]))

/** What core/v1 always has, and events.k8s.io/v1 leaves out when it is empty. */
const STORED_ALWAYS = { involvedObject: {}, reportingComponent: '', reportingInstance: '' }
const SERVED_EMPTY: ReadonlySet<string> = new Set(['regarding', 'reportingController', 'reportingInstance'])

export const EVENTS: Conversion = {
  fromStored(object) {
    const served = renamed(object, FROM_STORED, 'events.k8s.io/v1')
    for (const field of SERVED_EMPTY) if (isEmpty(served[field])) delete served[field]
    return served
  },
  toStored(object) {
    const stored = renamed(object, TO_STORED, 'v1')
    for (const [field, empty] of Object.entries(STORED_ALWAYS)) stored[field] ??= empty
    return stored
  },
}

function renamed(object: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const result: KubeObject = { kind: object.kind, apiVersion, metadata: object.metadata }
  for (const field in object) {
    if (field !== 'apiVersion') result[names.get(field) ?? field] = object[field]
  }
  return result
}

const isEmpty = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
