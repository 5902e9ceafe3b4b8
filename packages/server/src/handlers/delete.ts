// DELETE of an object. Kinds that give back what was deleted are few; the others answer a Status.
import type { ResourceDefinition } from '@keelson/api'
import type { Status } from '@keelson/apimachinery'
import type { Handler } from '../context.ts'
import type { Registries, StoredResult } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'
import { respondStatus } from '../representation/status.ts'
import { readDeleteOptions } from './delete-options.ts'
import { registryOf } from './registry-of.ts'
import { untrackedContext } from './write-options.ts'

export function deleteHandler(registries: Registries): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const representation = representationOf(context, registry.definition, 'object')
    const options = await readDeleteOptions(context)
    const { namespace, name } = context.info
    const write = untrackedContext(context, options.dryRun)
    const { deleted, result } = await registry.delete(namespace, name, options, write)
    // An old client that asked for dependents to be deleted first learns so by the code.
    const code = !deleted && options.orphanDependents === false ? 202 : 200
    if (!deleted || returnsDeletedObject(registry.definition))
      respondIn(context, registry, representation, result, code)
    else respondStatus(context, deletedStatus(registry.definition, result))
  }
}

const RETURNED: ReadonlySet<string> = new Set([
  '/namespaces',
  '/persistentvolumeclaims',
  '/persistentvolumes',
  '/pods',
  '/podtemplates',
  '/resourcequotas',
  '/serviceaccounts',
  '/services',
  'resource.k8s.io/deviceclasses',
  'resource.k8s.io/devicetaintrules',
  'resource.k8s.io/resourceclaims',
  'resource.k8s.io/resourceclaimtemplates',
  'resource.k8s.io/resourcepoolstatusrequests',
  'resource.k8s.io/resourceslices',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/storageclasses',
  'storage.k8s.io/volumeattachments',
  'storage.k8s.io/volumeattributesclasses',
])

const returnsDeletedObject = ({ group, resource }: ResourceDefinition): boolean => RETURNED.has(`${group}/${resource}`)

function deletedStatus({ group, resource }: ResourceDefinition, { object: { metadata } }: StoredResult): Status {
  const { name = '', uid = '' } = metadata
  const details = { name, ...(group !== '' && { group }), kind: resource, uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}
