// Claims of devices for administration: devices that are in use already, and more than others may do with them. Only in
// namespaces whose administrator has allowed it by a label.
import { type FieldPath, type KubeObject, fieldForbidden, invalid, rootPath } from '@keelson/apimachinery'
import type { Registries, RegistryHooks, ResourceRegistry } from './types.ts'

const GROUP = 'resource.k8s.io'
const LABEL = 'resource.kubernetes.io/admin-access'

interface Asking {
  adminAccess?: boolean
}

/** The schemas have checked the types of claims and of templates of them. */
interface Claim extends KubeObject {
  spec?: ClaimSpec & { spec?: ClaimSpec }
  status?: { allocation?: { devices?: { results?: Asking[] } } }
}

interface ClaimSpec {
  devices?: { requests?: { exactly?: Asking }[] | null }
}

/** Set once, before the server answers. A group that is not served has nothing to guard. */
export function guardDeviceAdminAccess(registries: Registries, namespaces: ResourceRegistry): void {
  for (const resource of ['resourceclaims', 'resourceclaimtemplates']) {
    const registry = registries.find(GROUP, resource)
    if (registry !== undefined) registries.setHooks(GROUP, resource, hooksFor(registry, namespaces))
  }
}

const hooksFor = ({ definition }: ResourceRegistry, namespaces: ResourceRegistry): RegistryHooks => ({
  async begin(next, old, context) {
    const path = context.subresource === 'status' ? statusRequest(next, old) : specRequest(next, old)
    if (path === undefined) return undefined
    const { name = '', namespace = '' } = next.metadata
    const { object } = await namespaces.get('', namespace)
    if (object.metadata.labels?.[LABEL] === 'true') return undefined
    const detail = `admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`
    throw invalid({ group: GROUP, kind: definition.kind }, name, [fieldForbidden(path, detail)])
  },
})

/** What is asked for never changes, so that only new objects ask. In templates, too, upstream's path is that of a claim. */
function specRequest(next: KubeObject, old: KubeObject | undefined): FieldPath | undefined {
  if (old !== undefined) return undefined
  const { spec = {} } = next as Claim
  const index = ((spec.spec ?? spec).devices?.requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true)
  return index < 0 ? undefined : rootPath.child('spec', 'devices', 'requests').index(index).child('adminAccess')
}

/** An allocation never changes either. */
function statusRequest(next: KubeObject, old: KubeObject | undefined): FieldPath | undefined {
  const results = (object: KubeObject | undefined): Asking[] =>
    (object as Claim | undefined)?.status?.allocation?.devices?.results ?? []
  const isAsked = ({ adminAccess }: Asking): boolean => adminAccess === true
  const index = results(next).findIndex(isAsked)
  if (index < 0 || results(old).some(isAsked)) return undefined
  return rootPath.child('status', 'allocation', 'devices', 'results').index(index).child('adminAccess')
}
