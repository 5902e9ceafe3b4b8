// What one resource is: the shape of an entry in the table of built-in kinds. The table itself is made from facts/ by table.ts;
// what a kind does beyond its schema (defaults, validation, strategy, rows) is a KindStrategy in kinds/.
import type { FieldError, JsonValue, KubeObject } from '@keelson/apimachinery'

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch'

export interface KindReference {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface SubresourceDefinition {
  /** `status`, `scale`, `binding`, … */
  readonly name: string
  readonly responseKind: KindReference
  readonly acceptedKinds: readonly KindReference[]
  readonly verbs: readonly Verb[]
}

export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

export interface StorageLocation {
  /** `/registry/pods/`; then `namespace/name` or `name`. */
  readonly prefix: string
  /** The apiVersion of the stored form: `apps/v1`, and `v1` for both event resources. */
  readonly apiVersion: string
}

export interface ResourceDefinition {
  readonly group: string
  readonly version: string
  /** Plural, lower case: `deployments`. */
  readonly resource: string
  readonly kind: string
  readonly listKind: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
  readonly subresources: readonly SubresourceDefinition[]
  /** Where it is stored; undefined for kinds that are answered and never stored (reviews, bindings, component statuses). */
  readonly storage: StorageLocation | undefined
  readonly columns: readonly TableColumn[]
  /** Name of the schema in OpenAPI v3: `io.k8s.api.core.v1.Pod`. */
  readonly schema: string
}

export interface StrategyUser {
  readonly name: string
  /** '' when it is not known. */
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

export interface RowCondition {
  readonly type: 'Completed'
  readonly status: 'True'
  readonly reason: string
  readonly message: string
}

/** Who asks and what for: what strategies may need to know about a write. */
export interface StrategyContext {
  readonly user: StrategyUser
  readonly now: Date
  /** A warning that goes out even when the write is refused afterwards; for the rest there is KindStrategy.warnings. */
  addWarning?(text: string): void
}

/**
 * What a kind does beyond metadata rules and its schema. All functions get decoded objects (types checked, unknown fields
 * gone) and change them in place where they say so. Every member is optional in meaning: {} is a kind with no rules.
 */
export interface KindStrategy {
  /** Fills what the client left out, in place. Runs after decoding, on every write and on the embedded templates. */
  default?(object: KubeObject): void
  /** Fills, in place, what upstream leaves out of stored values and fills in for readers. False when nothing was missing. */
  defaultStored?(object: KubeObject): boolean
  /** In place, before validation: drop status, set generation 1, … `hasStatus` and `hasGeneration` cover the usual. */
  prepareForCreate?(object: KubeObject, context: StrategyContext): void
  validate?(object: KubeObject): FieldError[]
  /** In place, before validation of an update of the main resource. */
  prepareForUpdate?(next: KubeObject, old: KubeObject, context: StrategyContext): void
  validateUpdate?(next: KubeObject, old: KubeObject): FieldError[]
  /** The same for the status subresource (by default everything but status and the metadata is kept from `old`). */
  prepareForStatusUpdate?(next: KubeObject, old: KubeObject, context: StrategyContext): void
  validateStatusUpdate?(next: KubeObject, old: KubeObject): FieldError[]
  /** Of the approval subresource, which has rules of its own. */
  readonly approval?: Required<Pick<KindStrategy, 'prepareForUpdate' | 'validateUpdate'>>
  /** Texts of Warning headers. `old` is undefined on create. */
  warnings?(next: KubeObject, old: KubeObject | undefined): string[]
  /** True: status is dropped on create and kept on update of the main resource. */
  readonly hasStatus?: boolean
  /** True: generation is 1 on create and grows when anything but metadata and status changes. */
  readonly hasGeneration?: boolean
  /** PUT of an object that does not exist creates it. Upstream: false but for a few kinds. */
  readonly allowCreateOnUpdate?: boolean
  /** An update without resourceVersion is last-write-wins. Upstream: true but for a few kinds (services, leases, …: false). Default true. */
  readonly allowUnconditionalUpdate?: boolean
  /** Name rule of the kind; the default is a DNS subdomain. Returns messages without path. */
  validateName?(name: string, prefix: boolean): string[]
  /** For a kind whose names follow from what it holds. */
  nameRuleFor?(object: KubeObject): (name: string, prefix: boolean) => string[]
  /** Fields besides metadata.name and metadata.namespace that a fieldSelector may name, with their values ('' when absent). */
  selectableFields?(object: KubeObject): Record<string, string>
  /** Names that selectableFields can give (for 400 on others), and those of them that the cache indexes. */
  readonly selectable?: readonly string[]
  /** What the 400 of another field says, where it is not upstream's usual text. */
  unselectable?(field: string): string
  /** Names of selectable fields of which the cache knows another one, that of the stored version. */
  readonly storedFields?: Readonly<Record<string, string>>
  readonly indexed?: readonly string[]
  /** Cells of one Table row, in the order of `columns`. */
  row?(object: KubeObject, now: Date): JsonValue[]
  /** What a row says besides its cells: that the object is done. */
  rowConditions?(object: KubeObject): RowCondition[]
  /** Pods: the grace period in seconds to use for a DELETE that asked for `requested` (undefined: not said). 0: at once. undefined member: deleted at once. */
  gracePeriodSeconds?(object: KubeObject, requested: number | undefined): number
}
