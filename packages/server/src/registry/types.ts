// What lies between a verb's handler and storage. One ResourceRegistry per stored resource.
import type { KindStrategy, ResourceDefinition } from '@keelson/api'
import type { KubeObject } from '@keelson/apimachinery'
import type { ResourceCache, Revision } from '@keelson/storage'
import type { UserInfo } from '../context.ts'

/** An object as stored: its tree and the exact JSON a client gets (resourceVersion spliced in; no newline). */
export interface StoredResult {
  readonly object: KubeObject
  readonly json: Buffer
  readonly revision: Revision
}

export interface WriteContext {
  readonly user: UserInfo
  readonly dryRun: boolean
  readonly fieldManager: string
  addWarning(text: string): void
  readonly signal: AbortSignal | undefined
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  readonly orphanDependents?: boolean
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun: boolean
}

export type UpdateTransform = (current: KubeObject) => KubeObject | Promise<KubeObject>

export interface ResourceRegistry {
  readonly definition: ResourceDefinition
  readonly strategy: KindStrategy
  readonly cache: ResourceCache
  /** default → mutating admission → validate → validating admission → storage.create. StatusError for what the client did. */
  create(namespace: string, object: KubeObject, context: WriteContext): Promise<StoredResult>
  /**
   * Reads the current object, lets `transform` make the next one, and writes it guarded by the revision read. A lost race
   * runs `transform` again on the newer object unless the next object names a resourceVersion (then 409).
   * `part` says which rules apply: the main resource, its status, or another subresource that keeps its own rules.
   */
  update(
    namespace: string,
    name: string,
    transform: UpdateTransform,
    part: 'main' | 'status' | 'raw',
    context: WriteContext,
  ): Promise<StoredResult & { readonly created: boolean }>
  /** `deleted: false`: finalizers or a grace period keep it; `result` is the object as it now stands. */
  delete(
    namespace: string,
    name: string,
    options: DeleteOptions,
    context: WriteContext,
  ): Promise<{ readonly deleted: boolean; readonly result: StoredResult }>
}
