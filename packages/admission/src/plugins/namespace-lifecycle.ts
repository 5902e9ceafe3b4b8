// NamespaceLifecycle: nothing is made in a namespace that is missing or going; the system's namespaces stay.
import { type KubeObject, forbidden, notFound } from '@keelson/apimachinery'
import { isPlain } from '../attributes.ts'
import { forbid } from '../forbid.ts'
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../types.ts'

const IMMORTAL = ['default', 'kube-system', 'kube-public']
const NAMESPACES = { group: '', resource: 'namespaces' }

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  handles: ({ operation, resource, namespace }) =>
    operation !== 'CONNECT' && (namespace !== '' || isPlain(resource, 'namespaces')),
  admit(attributes, reader) {
    const { operation, resource, namespace, name } = attributes
    if (isPlain(resource, 'namespaces')) {
      if (operation === 'DELETE' && IMMORTAL.includes(name))
        throw forbidden(NAMESPACES, name, 'this namespace may not be deleted')
      return undefined
    }
    // Whether a namespace exists must not be told by a review of access to it.
    if (operation === 'DELETE' || resource.resource === 'localsubjectaccessreviews') return undefined
    const found = reader.get('', 'namespaces', '', namespace)
    if (found === undefined) return admitFromStore(attributes, reader)
    return refuseTerminating(attributes, found)
  },
}

/** The cache may not have seen a namespace that was just made. */
async function admitFromStore(attributes: AdmissionAttributes, reader: AdmissionReader): Promise<void> {
  const found = await reader.getConsistent('', 'namespaces', '', attributes.namespace)
  if (found === undefined) throw notFound(NAMESPACES, attributes.namespace)
  refuseTerminating(attributes, found)
}

function refuseTerminating(attributes: AdmissionAttributes, namespace: KubeObject): void {
  const { phase } = (namespace['status'] ?? {}) as { phase?: string } // Namespaces are stored with a status of this shape.
  if (attributes.operation !== 'CREATE' || phase !== 'Terminating') return
  const name = attributes.namespace
  throw forbid(attributes, `unable to create new content in namespace ${name} because it is being terminated`, {
    reason: 'NamespaceTerminating',
    message: `namespace ${name} is being terminated`,
    field: 'metadata.namespace',
  })
}
