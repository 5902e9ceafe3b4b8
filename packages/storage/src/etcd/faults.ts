// What can go wrong between us and an etcd member, and what each fault says about the request.
import { StorageFull, StorageUnavailable } from '../storage.ts'

/** The gRPC status codes that etcd answers with (google.rpc.Code). */
export const CODE = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** etcd answered with an error. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** The connection broke, or an answer did not come in time. `sent` false: the member has surely not seen the request. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
  readonly sent: boolean

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, { cause })
    this.sent = sent
  }
}

/**
 *  - `refused`: surely not applied, and will not be: the answer is final.
 *  - `later`: surely not applied; another member, or the same one later, may do it.
 *  - `inDoubt`: may have been applied, or may still be.
 */
export type FaultKind = 'refused' | 'later' | 'inDoubt'

/** Codes that etcd only gives before it proposes a request, or for what it applied as "nothing". */
const REFUSED = new Set<number>([
  CODE.invalidArgument,
  CODE.notFound,
  CODE.permissionDenied,
  CODE.failedPrecondition,
  CODE.outOfRange,
  CODE.unimplemented,
  CODE.unauthenticated,
])

export function faultKind(error: unknown): FaultKind {
  if (error instanceof ConnectionLost) return error.sent ? 'inDoubt' : 'later'
  if (!(error instanceof EtcdError)) return 'inDoubt'
  if (REFUSED.has(error.code) || isOutOfSpace(error)) return 'refused'
  // Both are said before the request is proposed (the first because calls carry `hasleader`).
  if (error.message === 'etcdserver: no leader' || error.message === 'etcdserver: too many requests') return 'later'
  return 'inDoubt'
}

export function isOutOfSpace(error: unknown): boolean {
  return error instanceof EtcdError && error.code === CODE.resourceExhausted && error.message.includes('space exceeded')
}

export function isCompacted(error: unknown): boolean {
  return error instanceof EtcdError && error.code === CODE.outOfRange && error.message.includes('compacted')
}

export function isFutureRevision(error: unknown): boolean {
  return error instanceof EtcdError && error.code === CODE.outOfRange && error.message.includes('future revision')
}

export function isLeaseMissing(error: unknown): boolean {
  return error instanceof EtcdError && error.code === CODE.notFound && error.message.includes('lease not found')
}

/** The fault as the contract tells it, for a request that was surely not applied. */
export function asStorageFault(error: unknown): Error {
  if (error instanceof StorageUnavailable) return error
  const message = error instanceof Error ? error.message : String(error)
  if (isOutOfSpace(error)) return new StorageFull(message, { cause: error })
  return new StorageUnavailable(`etcd: ${message}`, { cause: error })
}
