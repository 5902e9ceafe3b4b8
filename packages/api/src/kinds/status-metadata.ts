// Metadata and the status subresource: some kinds let it change there, for historical reasons, these do not.
import type { KubeObject, ObjectMeta } from '@keelson/apimachinery'

const KEPT = [
  'deletionTimestamp',
  'generation',
  'selfLink',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
] as const satisfies readonly (keyof ObjectMeta)[]

/** For prepareForStatusUpdate: what people say in the metadata stays as it was. */
export function keepMetadata({ metadata }: KubeObject, old: KubeObject): void {
  for (const field of KEPT) copyField(metadata, old.metadata, field)
}

/** The same for kinds that keep all of it. An update that names another resourceVersion has been refused before. */
export function keepAllMetadata(next: KubeObject, old: KubeObject): void {
  const { resourceVersion, managedFields } = next.metadata
  next.metadata = { ...old.metadata }
  if (resourceVersion !== undefined) next.metadata.resourceVersion = resourceVersion
  if (managedFields === undefined) delete next.metadata.managedFields
  else next.metadata.managedFields = managedFields
}

function copyField<Field extends keyof ObjectMeta>(metadata: ObjectMeta, old: ObjectMeta, field: Field): void {
  if (old[field] === undefined) delete metadata[field]
  else metadata[field] = old[field]
}
