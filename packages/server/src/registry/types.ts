// What lies between a verb's handler and storage. One ResourceRegistry per served resource.
import type { AdmissionPlugin, AdmissionReader } from '@keelson/admission'
import type { KindStrategy, ResourceDefinition } from '@keelson/api'
import type { FieldManagement, KubeObject } from '@keelson/apimachinery'
import type { ResourceCache, Revision, Storage, WatchCache } from '@keelson/storage'
import type { UserInfo } from '../context.ts'
import type { YieldTurn } from './turns.ts'

/** An object as stored: its tree and the exact JSON a client gets (resourceVersion spliced in; no newline). */
export interface StoredResult {
  readonly object: KubeObject
  readonly json: Buffer
  readonly revision: Revision
}

export interface WriteContext {
  readonly user: UserInfo
  readonly dryRun: boolean
  /** Who the changed fields belong to afterwards (managedFields); undefined: the write leaves that as it is. */
  readonly fieldManager: string | undefined
  addWarning(text: string): void
  readonly signal: AbortSignal | undefined
  /** The subresource the write came through, for admission: `status`, `scale`, … '' or undefined: the main resource. */
  readonly subresource?: string
  /** StatusError 403 unless an update that turns out to create may do so; undefined: the server itself writes. */
  readonly authorizeCreate?: () => void
  /** Between the steps of a large write: gives others their turn of the loop. Without it all steps are made in one turn. */
  readonly yieldTurn?: YieldTurn | undefined
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  readonly orphanDependents?: boolean
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun: boolean
}

/** Makes the next object. `current` is shared with the rules that compare old and new: it must not be changed (see cloneObject). */
export type UpdateTransform = (current: KubeObject) => KubeObject | Promise<KubeObject>

/**
 * Which rules an update obeys: those of the main resource; those of its status (everything but status is kept from the
 * current object); those of its approval; or none but those of metadata (`raw`: a subresource that has checked all itself).
 */
export type UpdatePart = 'main' | 'status' | 'approval' | 'raw'

export interface ResourceRegistry {
  readonly definition: ResourceDefinition
  readonly strategy: KindStrategy
  readonly cache: ResourceCache
  /** default → mutating admission → validate → validating admission → storage.create. StatusError for what the client did. */
  create(namespace: string, object: KubeObject, context: WriteContext): Promise<StoredResult>
  /**
   * Reads the current object, lets `transform` make the next one, and writes it guarded by the revision read. A lost race
   * runs `transform` again on the newer object unless the next object names a resourceVersion (then 409).
   * `uid`: 409 when the stored object has another one.
   */
  update(
    namespace: string,
    name: string,
    transform: UpdateTransform,
    part: UpdatePart,
    context: WriteContext,
    uid?: string,
  ): Promise<StoredResult & { readonly created: boolean }>
  /**
   * The same for an update whose `transform` does the merging and the managing of fields itself. An object that is not there
   * is created from the kind's empty one, unless it is a part that is applied.
   */
  apply(
    namespace: string,
    name: string,
    transform: UpdateTransform,
    part: UpdatePart,
    context: WriteContext,
  ): Promise<StoredResult & { readonly created: boolean }>
  /** How its fields are managed, through a subresource or ('') the resource itself. */
  fieldManagement(subresource: string): FieldManagement
  /** `deleted: false`: finalizers or a grace period keep it; `result` is the object as it now stands. */
  delete(
    namespace: string,
    name: string,
    options: DeleteOptions,
    context: WriteContext,
  ): Promise<{ readonly deleted: boolean; readonly result: StoredResult }>
  /** The current object, linearizable, parsed; 404 when there is none. What subresources read. */
  get(namespace: string, name: string): Promise<StoredResult>
}

/** What a hook did beside the object's own key, to be kept or taken back once the outcome of the write is known. */
export interface Reservation {
  commit(): void | Promise<void>
  rollback(): void | Promise<void>
}

/**
 * Work of a kind beside its own key: cluster IPs and node ports of services. `begin` runs after mutating admission and
 * before validation, and may change `next` in place; it runs again on every attempt of the update loop.
 */
export interface RegistryHooks {
  begin?(next: KubeObject, old: KubeObject | undefined, context: WriteContext): Promise<Reservation | undefined>
  afterDelete?(deleted: KubeObject): void | Promise<void>
}

export interface Registries {
  /** The registry of a served resource; undefined for what is not stored (reviews, bindings). */
  get(group: string, version: string, resource: string): ResourceRegistry | undefined
  /** The registry of a resource in its preferred version. */
  find(group: string, resource: string): ResourceRegistry | undefined
  all(): readonly ResourceRegistry[]
  /** At most one set of hooks a resource; set once, before the server is ready. */
  setHooks(group: string, resource: string, hooks: RegistryHooks): void
  /** What admission plugins read through. */
  readonly reader: AdmissionReader
}

export interface RegistryDependencies {
  readonly storage: Storage
  readonly cache: WatchCache
  /** What takes the place of `/registry`. */
  readonly storagePrefix?: string
  /** Built-in and later ones, in the order in which they run. */
  readonly plugins: readonly AdmissionPlugin[]
  /** The clock; `new Date()` when not given. */
  readonly now?: () => Date
}
