// The query parameters of LIST and WATCH (metav1.ListOptions), read and checked as upstream does: 400 for what cannot be
// read, 422 with all its causes for what does not go together.
import {
  badRequest,
  everyField,
  everything,
  type FieldError,
  fieldForbidden,
  fieldNotSupported,
  type FieldSelector,
  fieldSelectorOf,
  invalid,
  type LabelSelector,
  parseFieldSelector,
  parseLabelSelector,
} from '@keelson/apimachinery'
import { type Revision, toRevision } from '@keelson/storage'
import { isTrue } from '../filters/request-info.ts'
import type { RepresentedResource } from '../representation/table.ts'

export interface ListOptions {
  readonly labelSelector: LabelSelector
  readonly fieldSelector: FieldSelector
  /** 0: no limit. */
  readonly limit: number
  readonly continue: string
  readonly resourceVersion: string
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan'
  /** 0: not said. */
  readonly timeoutSeconds: number
  readonly allowWatchBookmarks: boolean
  readonly sendInitialEvents: boolean | undefined
}

export function parseListOptions(query: URLSearchParams, kind: RepresentedResource, isWatch: boolean): ListOptions {
  if (query.size === 0) return NO_OPTIONS
  const limit = integer(query.get('limit'))
  const timeoutSeconds = integer(query.get('timeoutSeconds'))
  const labels = query.get('labelSelector')
  const labelSelector = labels === null || labels === '' ? everything() : parseLabelSelector(labels)
  const sendInitialEvents = query.get('sendInitialEvents')
  const options = {
    limit: Math.max(limit, 0),
    timeoutSeconds: Math.max(timeoutSeconds, 0),
    labelSelector,
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: sendInitialEvents === null ? undefined : isTrue(sendInitialEvents),
  }
  const fields = query.get('fieldSelector')
  const fieldSelector = fields === null || fields === '' ? everyField() : checkedFieldSelector(fields, kind)
  const match = query.get('resourceVersionMatch') ?? ''
  const errors = isWatch ? watchErrors(options, match) : listErrors(options, match)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
  // Any other value is an error above.
  return { ...options, fieldSelector, resourceVersionMatch: match as ListOptions['resourceVersionMatch'] }
}

const NO_OPTIONS: ListOptions = {
  labelSelector: everything(),
  fieldSelector: everyField(),
  limit: 0,
  continue: '',
  resourceVersion: '',
  resourceVersionMatch: '',
  timeoutSeconds: 0,
  allowWatchBookmarks: false,
  sendInitialEvents: undefined,
}

type Unmatched = Omit<ListOptions, 'fieldSelector' | 'resourceVersionMatch'>

function listErrors(options: Unmatched, match: string): FieldError[] {
  const errors: FieldError[] = []
  const forbid = (detail: string): number => errors.push(fieldForbidden('resourceVersionMatch', detail))
  if (match !== '') {
    if (options.resourceVersion === '') forbid('resourceVersionMatch is forbidden unless resourceVersion is provided')
    if (options.continue !== '') forbid('resourceVersionMatch is forbidden when continue is provided')
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(fieldNotSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']))
    }
    if (match === 'Exact' && options.resourceVersion === '0') {
      forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(fieldForbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  return errors
}

function watchErrors(options: Unmatched, match: string): FieldError[] {
  const errors: FieldError[] = []
  const forbid = (detail: string): number => errors.push(fieldForbidden('resourceVersionMatch', detail))
  if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  }
  if (match !== '') {
    if (options.sendInitialEvents === undefined) {
      forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
    }
    if (match !== 'NotOlderThan') errors.push(fieldNotSupported('resourceVersionMatch', match, ['NotOlderThan']))
    if (options.continue !== '') forbid('resourceVersionMatch is forbidden when continue is provided')
  }
  return errors
}

/** By the names that the cache knows. StatusError 400 for a field that the kind cannot be selected by. */
export function checkedFieldSelector(text: string, { definition, strategy }: RepresentedResource): FieldSelector {
  const { selectable = [], storedFields, unselectable = usualRefusal } = strategy
  const selector = parseFieldSelector(text)
  for (const { field } of selector.requirements) {
    if (field === 'metadata.name' || selectable.includes(field)) continue
    // A kind without a namespace and with fields of its own has no such field; one without any has it all the same.
    if (field === 'metadata.namespace' && (definition.namespaced || selectable.length === 0)) continue
    throw badRequest(
      selectable.length > 0
        ? unselectable(field)
        : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    )
  }
  if (storedFields === undefined) return selector
  return fieldSelectorOf(
    selector.requirements.map((requirement) => ({
      ...requirement,
      field: storedFields[requirement.field] ?? requirement.field,
    })),
  )
}

const usualRefusal = (field: string): string => `field label not supported: ${field}`

const MAX_INT64 = 2n ** 63n - 1n

/** Absent: 0. Numbers over 2^53 lose precision, which no limit and no timeout minds. */
function integer(text: string | null): number {
  if (text === null) return 0
  const quoted = JSON.stringify(text)
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${quoted}: invalid syntax`)
  const value = BigInt(text)
  if (value > MAX_INT64 || value < -MAX_INT64 - 1n)
    throw badRequest(`strconv.ParseInt: parsing ${quoted}: value out of range`)
  return Number(value)
}

/** `''` and `0` are both undefined. Throws an Error with upstream's words, to be wrapped as the verb does. */
export function parseResourceVersion(text: string): Revision | undefined {
  if (text === '' || text === '0') return undefined
  const quoted = JSON.stringify(text)
  const problem = !/^\d+$/.test(text) ? 'invalid syntax' : BigInt(text) >= 2n ** 64n ? 'value out of range' : undefined
  if (problem !== undefined) {
    throw new InvalidResourceVersion(
      `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${problem}`,
    )
  }
  const value = Number(text)
  return value === 0 ? undefined : toRevision(value)
}

export class InvalidResourceVersion extends Error {
  override readonly name = 'InvalidResourceVersion'
}
