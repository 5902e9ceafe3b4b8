// Events as both groups show them: the same object, some fields under other names.
import type { KubeObject } from '@keelson/apimachinery'

export interface ObjectReference {
  kind?: string
  namespace?: string
  name?: string
  uid?: string
  apiVersion?: string
  resourceVersion?: string
  fieldPath?: string
}

export interface EventSource {
  component?: string
  host?: string
}

/** v1 names first; those of events.k8s.io/v1 after them. */
export interface Event extends KubeObject {
  involvedObject?: ObjectReference
  regarding?: ObjectReference
  reason?: string
  message?: string
  note?: string
  source?: EventSource
  deprecatedSource?: EventSource
  firstTimestamp?: string | null
  deprecatedFirstTimestamp?: string | null
  lastTimestamp?: string | null
  deprecatedLastTimestamp?: string | null
  count?: number
  deprecatedCount?: number
  type?: string
  eventTime?: string | null
  series?: { count?: number; lastObservedTime?: string }
  action?: string
  related?: ObjectReference
  reportingComponent?: string
  reportingController?: string
  reportingInstance?: string
}

/** The v1 view of either form. */
export function plainEvent(object: KubeObject) {
  const event = object as Event // The schema has checked the types.
  return {
    involvedObject: event.involvedObject ?? event.regarding ?? {},
    reason: event.reason ?? '',
    message: event.message ?? event.note ?? '',
    source: event.source ?? event.deprecatedSource ?? {},
    firstTimestamp: event.firstTimestamp ?? event.deprecatedFirstTimestamp ?? undefined,
    lastTimestamp: event.lastTimestamp ?? event.deprecatedLastTimestamp ?? undefined,
    count: event.count ?? event.deprecatedCount ?? 0,
    type: event.type ?? '',
    eventTime: event.eventTime ?? undefined,
    series: event.series,
    action: event.action ?? '',
    related: event.related,
    reportingController: event.reportingComponent ?? event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  }
}

export type PlainEvent = ReturnType<typeof plainEvent>
