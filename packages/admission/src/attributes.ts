// Small questions that plugins ask of a request.
import type { Pod, ResourceDefinition } from '@keelson/api'
import type { AdmissionAttributes } from './types.ts'

/** A resource of the core group by its name. */
export const isPlain = ({ group, resource }: ResourceDefinition, name: string): boolean =>
  group === '' && resource === name

/** A write of a pod itself, not of one of its subresources. */
export const isPodWrite = ({ resource, subresource }: AdmissionAttributes): boolean =>
  subresource === '' && isPlain(resource, 'pods')

/** The pod that is written; undefined on DELETE. */
export function podOf({ object }: AdmissionAttributes): Pod | undefined {
  return object as Pod | undefined // Plugins ask this of writes of pods only, which the schema has checked.
}
