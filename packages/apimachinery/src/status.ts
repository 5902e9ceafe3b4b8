// The Status object, and StatusError: the one error for what a client did (or must hear). Reasons, codes and messages are
// upstream's (apimachinery/api/errors). A fault of ours is an ordinary Error; the server turns it into internalError().
import { type FieldError, fieldErrorBody, fieldErrorText } from './field-error.ts'
import { goQuote } from './go-text.ts'
import { type GroupKind, type GroupResource, groupResourceName } from './types.ts'

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: StatusDetails
  code?: number
}

export class StatusError extends Error {
  readonly status: Status

  /** `reason` '': an error that upstream has no word for; the Status then has none. */
  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'StatusError'
    const said = { message, ...(reason !== '' && { reason }), ...(details && { details }) }
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...said, code }
  }

  get code(): number {
    return this.status.code ?? 500
  }

  get reason(): string {
    return this.status.reason ?? ''
  }
}

const detailsOf = ({ group, resource }: GroupResource, name: string): StatusDetails => ({
  ...(name !== '' && { name }),
  ...(group !== '' && { group }),
  ...(resource !== '' && { kind: resource }),
})

export const notFound = (resource: GroupResource, name: string): StatusError =>
  new StatusError(
    404,
    'NotFound',
    `${groupResourceName(resource)} ${goQuote(name)} not found`,
    detailsOf(resource, name),
  )

/** What an unknown path or an unserved resource answers. */
export const genericNotFound = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})

export const alreadyExists = (resource: GroupResource, name: string): StatusError =>
  new StatusError(
    409,
    'AlreadyExists',
    `${groupResourceName(resource)} ${goQuote(name)} already exists`,
    detailsOf(resource, name),
  )

export const conflict = (resource: GroupResource, name: string, why: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResourceName(resource)} ${goQuote(name)}: ${why}`,
    detailsOf(resource, name),
  )

/** The message of a lost update, upstream's words. */
export const OPTIMISTIC_LOCK =
  'the object has been modified; please apply your changes to the latest version and try again'

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)
export const unauthorized = (message = 'Unauthorized'): StatusError => new StatusError(401, 'Unauthorized', message)

export const forbidden = (resource: GroupResource, name: string, why: string): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    resource.resource === ''
      ? `forbidden: ${why}`
      : name === ''
        ? `${groupResourceName(resource)} is forbidden: ${why}`
        : `${groupResourceName(resource)} ${goQuote(name)} is forbidden: ${why}`,
    detailsOf(resource, name),
  )

export const methodNotSupported = (resource: GroupResource, action: string): StatusError =>
  new StatusError(
    405,
    'MethodNotAllowed',
    `${action} is not supported on resources of kind ${goQuote(groupResourceName(resource))}`,
    detailsOf(resource, ''),
  )

/**
 * An Invalid status tells no more errors than this: 1,000 take 0.6 MB, as each is told twice. Upstream tells them all, but
 * has no answer to more than some 5,000: its time is up (its work grows with their square).
 */
export const MOST_ERRORS_TOLD = 1000

/** More than MOST_ERRORS_TOLD errors: the message says how many were left out. */
export function invalid({ group, kind }: GroupKind, name: string, found: readonly FieldError[]): StatusError {
  const errors = found.slice(0, MOST_ERRORS_TOLD)
  const texts = [...new Set(errors.map(fieldErrorText))]
  if (found.length > errors.length) texts.push(`and ${found.length - errors.length} more`)
  const summary = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const kindName = group === '' ? kind : `${kind}.${group}`
  return new StatusError(
    422,
    'Invalid',
    `${kindName} ${goQuote(name)} is invalid${texts.length === 0 ? '' : `: ${summary}`}`,
    {
      ...(name !== '' && { name }),
      ...(group !== '' && { group }),
      ...(kind !== '' && { kind }),
      ...(errors.length > 0 && {
        causes: errors.map((item) => ({ reason: item.type, message: fieldErrorBody(item), field: item.field })),
      }),
    },
  )
}

/** 410: the revision is compacted or evicted; the client lists again. */
export const expired = (message: string): StatusError => new StatusError(410, 'Expired', message)

/** 504 "Too large resource version": the cache did not reach the asked revision in time; the client may repeat in a second. */
export const tooLargeResourceVersion = (asked: number, current: number): StatusError =>
  new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })

/** 504 without Retry-After: the outcome is not known (client-go repeats any verb on a 5xx with Retry-After). */
export const unknownOutcome = (message: string): StatusError =>
  new StatusError(504, 'Timeout', `Timeout: ${message}`, {})

/** 503 with Retry-After: surely not applied. */
export const unavailable = (message: string, retryAfterSeconds = 1): StatusError =>
  new StatusError(503, 'ServiceUnavailable', message, { retryAfterSeconds })

export const tooManyRequests = (message: string, retryAfterSeconds: number): StatusError =>
  new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds })

export const requestEntityTooLarge = (message: string): StatusError =>
  new StatusError(413, 'RequestEntityTooLarge', message)

export const notAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`)

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )

export const internalError = (message: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })

/** 500 without a reason: what upstream answers for errors that it has no status for (a strategic merge that does not fit, …). */
export const unclassifiedError = (message: string): StatusError => new StatusError(500, '', message)
