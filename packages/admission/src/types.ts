// An admission plugin sees a write between decoding and storage. Mutating ones run first, in order; validating ones after
// validation. A refusal is a StatusError (forbidden by default).
import type { ResourceDefinition } from '@keelson/api'
import type { KubeObject } from '@keelson/apimachinery'

export interface AdmissionUser {
  readonly name: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

export interface AdmissionAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly resource: ResourceDefinition
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** The new object (undefined on DELETE). Mutating plugins change it in place. */
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
  readonly user: AdmissionUser
  readonly dryRun: boolean
  addWarning(text: string): void
}

/** Reads that plugins make: objects parsed from the cache, memory only. */
export interface AdmissionReader {
  get(group: string, resource: string, namespace: string, name: string): KubeObject | undefined
  list(group: string, resource: string, namespace?: string): KubeObject[]
  /** Linearizable, for what a cache may lag behind on (a namespace that was just created). */
  getConsistent(group: string, resource: string, namespace: string, name: string): Promise<KubeObject | undefined>
}

export interface AdmissionPlugin {
  readonly name: string
  handles(attributes: AdmissionAttributes): boolean
  admit?(attributes: AdmissionAttributes, reader: AdmissionReader): Promise<void> | void
  validate?(attributes: AdmissionAttributes, reader: AdmissionReader): Promise<void> | void
}
