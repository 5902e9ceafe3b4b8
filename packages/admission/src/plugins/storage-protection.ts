// StorageObjectInUseProtection: volumes and claims keep a finalizer until nobody uses them.
import type { ResourceDefinition } from '@keelson/api'
import { isPlain } from '../attributes.ts'
import type { AdmissionPlugin } from '../types.ts'

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: ({ operation, resource, subresource }) =>
    operation === 'CREATE' && subresource === '' && finalizerOf(resource) !== undefined,
  admit({ resource, object }) {
    const finalizer = finalizerOf(resource)
    if (object === undefined || finalizer === undefined) return
    const finalizers = (object.metadata.finalizers ??= [])
    if (!finalizers.includes(finalizer)) finalizers.push(finalizer)
  },
}

function finalizerOf(resource: ResourceDefinition): string | undefined {
  if (isPlain(resource, 'persistentvolumes')) return 'kubernetes.io/pv-protection'
  if (isPlain(resource, 'persistentvolumeclaims')) return 'kubernetes.io/pvc-protection'
  if (resource.group === 'storage.k8s.io' && resource.resource === 'volumeattributesclasses')
    return 'kubernetes.io/vac-protection'
  return undefined
}
