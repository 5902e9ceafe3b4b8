// What a strategic merge patch must know of a kind's schema: how each field merges. Implemented over OpenAPI
// (`x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key`); patches themselves know no schema format.

export type PatchStrategy = 'merge' | 'replace' | 'retainKeys'

export interface PatchField {
  /** `x-kubernetes-patch-strategy`, split at commas; empty where the schema says nothing. */
  readonly strategies: readonly PatchStrategy[]
  /** `x-kubernetes-patch-merge-key`; '' where there is none (lists of scalars). */
  readonly mergeKey: string
  /** Schema of the field's value; of its elements when the field is a list. */
  readonly schema: PatchSchema
}

export interface PatchSchema {
  /**
   * `struct`: an object of named fields. `map`: an object of free keys (labels, limits). `other`: a scalar, or anything
   * a patch cannot go into. Only structs are asked for fields.
   */
  readonly type: 'struct' | 'map' | 'other'
  /** The last part of the schema's name (`PodSpec`); upstream's messages say it when a field is not known. */
  readonly name: string
  field(name: string): PatchField | undefined
}
