// The name and namespace in a body must be those of the path.
import { ensureNamespace } from '@keelson/api'
import { type KubeObject, badRequest } from '@keelson/apimachinery'

/** In place: a namespace that the body leaves out is filled in. StatusError 400. */
export function checkObjectName(object: KubeObject, name: string, namespace: string): void {
  ensureNamespace(object.metadata, namespace)
  const said = object.metadata.name ?? ''
  if (said === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  }
  if (said !== name) throw badRequest(`the name of the object (${said}) does not match the name on the URL (${name})`)
}
