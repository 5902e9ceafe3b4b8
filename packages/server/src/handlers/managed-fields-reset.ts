// A client clears managedFields with an empty list, which a decoded object cannot have: Go leaves empty lists out.
import { type JsonValue, type KubeObject, isJsonObject } from '@keelson/apimachinery'

/** In place: `object` was decoded from `body`. */
export function keepManagedFieldsReset(body: JsonValue, object: KubeObject): void {
  if (!isJsonObject(body)) return
  const { metadata } = body
  if (!isJsonObject(metadata)) return
  const { managedFields } = metadata
  if (Array.isArray(managedFields) && managedFields.length === 0) object.metadata.managedFields = []
}
