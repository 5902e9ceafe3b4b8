// Stored values in a version that Keelson does not write: another server on the same etcd wrote them. They are read into the
// version that is served, and stay as they are in the store until someone writes the object.
import type { KubeObject } from '@keelson/apimachinery'
import { customResourceDefinitionFromV1beta1 } from './custom-resource-definition-v1beta1.ts'

interface OlderVersion {
  /** The apiVersion that it is read into. */
  readonly apiVersion: string
  /** In place. Absent where the objects are the same but for their apiVersion. */
  convert?(object: KubeObject): void
}

/** By the stored apiVersion; upstream 1.36 writes each of these. */
const OLDER_VERSIONS: ReadonlyMap<string, OlderVersion> = new Map([
  ['admissionregistration.k8s.io/v1beta1', { apiVersion: 'admissionregistration.k8s.io/v1' }],
  [
    'apiextensions.k8s.io/v1beta1',
    { apiVersion: 'apiextensions.k8s.io/v1', convert: customResourceDefinitionFromV1beta1 },
  ],
])

/** Makes `object` one of `apiVersion`, in place. False when there is no way. */
export function convertOlderVersion(object: KubeObject, apiVersion: string): boolean {
  if (object.apiVersion === apiVersion) return true
  const older = OLDER_VERSIONS.get(object.apiVersion)
  if (older?.apiVersion !== apiVersion) return false
  older.convert?.(object)
  object.apiVersion = apiVersion
  return true
}
