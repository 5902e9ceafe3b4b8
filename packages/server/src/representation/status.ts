// Every refusal and every fault leaves the server through here, as a Status.
import { internalError, type Status, StatusError, unavailable, unknownOutcome } from '@keelson/apimachinery'
import { OutcomeUnknown, StorageFull, StorageUnavailable } from '@keelson/storage'
import type { RequestContext } from '../context.ts'
import { statusEncoding } from './representation.ts'
import { respondDocument } from './respond-object.ts'

export function respondStatus(context: RequestContext, status: Status | StatusError): void {
  const body = status instanceof StatusError ? status.status : status
  const retryAfterSeconds = body.details?.retryAfterSeconds
  if (retryAfterSeconds !== undefined && retryAfterSeconds > 0)
    context.setHeader('retry-after', String(retryAfterSeconds))
  const code = body.code ?? (body.status === 'Success' ? 200 : 500)
  respondDocument(context, statusEncoding(context), Buffer.from(JSON.stringify(body)), code)
}

/** The plain text that upstream's multiplexer answers for a path that nobody serves. */
export function respondPageNotFound(context: RequestContext): void {
  context.setHeader('x-content-type-options', 'nosniff')
  context.respond(404, 'text/plain; charset=utf-8', '404 page not found\n')
}

/**
 * What a client hears of an error. `fault`: it is ours, and belongs in the log. Retry-After goes with what was surely not
 * applied only: client-go repeats any verb on a 5xx that has it.
 */
export function toStatusError(error: unknown): { readonly status: StatusError; readonly fault: boolean } {
  if (error instanceof StatusError) return { status: error, fault: false }
  if (error instanceof StorageUnavailable)
    return { status: unavailable(`the storage cannot be reached: ${error.message}`), fault: false }
  // Upstream has no word for it and passes the store's message on.
  if (error instanceof StorageFull) return { status: new StatusError(500, '', error.message), fault: false }
  if (error instanceof OutcomeUnknown) return { status: unknownOutcome(error.message), fault: false }
  return { status: internalError(error instanceof Error ? error.message : String(error)), fault: true }
}

/** Where no client was refused and nothing was made: `{"status":"Failure"}` without a reason, upstream's answer to an error it cannot name. */
export const plainFailure = (message: string, code = 500): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  code,
})
