// Event: something that happened to an object, for people to read. Served by two groups: the old form is lenient, writers of
// events.k8s.io/v1 are held to its rules.
import {
  type FieldError,
  type JsonValue,
  type KubeObject,
  fieldInvalid,
  fieldRequired,
  isDNS1123Subdomain,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../../metadata/update-checks.ts'
import type { KindStrategy } from '../../resource.ts'
import { FIELD_IS_IMMUTABLE, checkName, semanticallyEqual } from '../../validation/field-checks.ts'
import { internalForm } from '../../validation/internal-form.ts'
import { timeSince } from '../row.ts'
import { type PlainEvent, plainEvent } from './event-types.ts'

const MAX_TEXT = 128
const MAX_NOTE = 1024
const REFERENCE_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const

/** The store has the old form, by whose names the new one is selected. */
const STORED_FIELDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(REFERENCE_FIELDS.map((field) => [`regarding.${field}`, `involvedObject.${field}`])),
  reportingController: 'reportingComponent',
}

const isNewForm = (object: KubeObject): boolean => object.apiVersion.startsWith('events.k8s.io/')

/** `newForm`: as events.k8s.io shows it, where some fields have other names. */
function strategyFor(newForm: boolean): KindStrategy {
  const subject = newForm ? 'regarding' : 'involvedObject'
  const reporter = newForm ? 'reportingController' : 'reportingComponent'
  const selectable = [
    ...REFERENCE_FIELDS.map((field) => `${subject}.${field}`),
    'reason',
    reporter,
    ...(newForm ? [] : ['source']),
    'type',
  ]
  return {
    default: (object) => defaultEvent(object, newForm),
    validate: validateCreate,
    validateUpdate,
    allowCreateOnUpdate: true,
    selectable,
    ...(newForm && { storedFields: STORED_FIELDS }),
    selectableFields(object) {
      const event = plainEvent(object)
      const fields: Record<string, string> = {}
      for (const field of REFERENCE_FIELDS) fields[`${subject}.${field}`] = event.involvedObject[field] ?? ''
      fields['reason'] = event.reason
      fields[reporter] = event.reportingController
      if (!newForm) fields['source'] = event.source.component || event.reportingController
      fields['type'] = event.type
      return fields
    },
    row: eventRow,
  }
}

export const eventStrategy: KindStrategy = strategyFor(false)
export const newEventStrategy: KindStrategy = strategyFor(true)

/** Fields that the API always shows. */
function defaultEvent(object: KubeObject, newForm: boolean): void {
  const names = newForm
    ? {
        source: 'deprecatedSource',
        first: 'deprecatedFirstTimestamp',
        last: 'deprecatedLastTimestamp',
        subject: 'regarding',
      }
    : { source: 'source', first: 'firstTimestamp', last: 'lastTimestamp', subject: 'involvedObject' }
  object[names.subject] ??= {}
  object[names.source] ??= {}
  object[names.first] ??= null
  object[names.last] ??= null
  object['eventTime'] ??= null
  if (newForm) return
  object['reportingComponent'] ??= ''
  object['reportingInstance'] ??= ''
}

function validateCreate(object: KubeObject): FieldError[] {
  const event = plainEvent(object)
  const errors = legacyErrors(object, event)
  if (!isNewForm(object)) return errors
  checkSeries(errors, event)
  if (event.eventTime === undefined) errors.push(fieldRequired('eventTime', ''))
  if (event.type !== 'Normal' && event.type !== 'Warning')
    errors.push(fieldInvalid('type', '', `has invalid value: ${event.type}`))
  const refuse = (field: string): void => void errors.push(fieldInvalid(field, '', 'needs to be unset'))
  if (event.firstTimestamp !== undefined) refuse('firstTimestamp')
  if (event.lastTimestamp !== undefined) refuse('lastTimestamp')
  if (event.count !== 0) refuse('count')
  if (event.source.component || event.source.host) refuse('source')
  return errors
}

/** In upstream's order, with the types whose values upstream shows in its own names. */
const FROZEN = [
  ['involvedObject', 'ObjectReference'],
  ['reason', ''],
  ['message', ''],
  ['source', 'EventSource'],
  ['firstTimestamp', ''],
  ['lastTimestamp', ''],
  ['count', ''],
  ['reason', ''],
  ['type', ''],
  ['eventTime', ''],
  ['action', ''],
  ['related', '*ObjectReference'],
  ['reportingController', ''],
  ['reportingInstance', ''],
] as const

function validateUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const event = plainEvent(next)
  const before = plainEvent(old)
  const errors = legacyErrors(next, event)
  if (!isNewForm(next)) return errors
  errors.push(METADATA_CHECKED.change)
  if (!semanticallyEqual(event.series, before.series)) checkSeries(errors, event)
  for (const [field, type] of FROZEN) {
    if (semanticallyEqual(event[field], before[field])) continue
    const shown = type === '' ? (event[field] ?? null) : internalForm(type, event[field])
    errors.push(fieldInvalid(field, shown, FIELD_IS_IMMUTABLE))
  }
  return errors
}

function checkSeries(errors: FieldError[], { series }: PlainEvent): void {
  if (series === undefined) return
  if ((series.count ?? 0) < 2) errors.push(fieldInvalid('series.count', '', 'should be at least 2'))
  if (!series.lastObservedTime) errors.push(fieldRequired('series.lastObservedTime', ''))
}

function legacyErrors(object: KubeObject, event: PlainEvent): FieldError[] {
  const errors: FieldError[] = []
  const namespace = object.metadata.namespace ?? ''
  const subject = event.involvedObject.namespace ?? ''
  const mismatch = (): void =>
    void errors.push(fieldInvalid('involvedObject.namespace', subject, 'does not match event.namespace'))
  if (event.eventTime === undefined) {
    if (subject === '' ? namespace !== '' && namespace !== 'default' : namespace !== subject) mismatch()
  } else {
    if (subject === '' && namespace !== 'default' && namespace !== 'kube-system') mismatch()
    checkReporter(errors, event, isNewForm(object) ? 'reportingController' : 'reportingComponent')
  }
  for (const message of isDNS1123Subdomain(namespace)) errors.push(fieldInvalid('namespace', namespace, message))
  return errors
}

function checkReporter(errors: FieldError[], event: PlainEvent, controllerField: string): void {
  const { reportingController, reportingInstance, action, reason, message } = event
  if (reportingController === '') errors.push(fieldRequired(controllerField, ''))
  checkName(errors, rootPath.child(controllerField), reportingController, isQualifiedName)
  for (const [field, text] of Object.entries({ reportingInstance, action, reason })) {
    if (text === '') errors.push(fieldRequired(field, ''))
    if (Buffer.byteLength(text) > MAX_TEXT)
      errors.push(fieldInvalid(field, '', `can have at most ${MAX_TEXT} characters`))
  }
  if (Buffer.byteLength(message) > MAX_NOTE)
    errors.push(fieldInvalid('message', '', `can have at most ${MAX_NOTE} characters`))
}

function eventRow(object: KubeObject, now: Date): JsonValue[] {
  const event = plainEvent(object)
  const first = timeSince(event.firstTimestamp ?? event.eventTime, now)
  const last = event.lastTimestamp === undefined ? first : timeSince(event.lastTimestamp, now)
  const { kind = '', name = '', fieldPath = '' } = event.involvedObject
  const component = event.source.component || event.reportingController
  const instance = event.source.host || event.reportingInstance
  return [
    event.series === undefined ? last : timeSince(event.series.lastObservedTime, now),
    event.type,
    event.reason,
    name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`,
    fieldPath,
    instance === '' ? component : `${component}, ${instance}`,
    event.message.trim(),
    first,
    event.series === undefined ? event.count || 1 : (event.series.count ?? 0),
    object.metadata.name ?? '',
  ]
}
