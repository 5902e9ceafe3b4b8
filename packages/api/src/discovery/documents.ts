// Discovery documents, made from definitions of resources: the aggregated form (apidiscovery.k8s.io/v2) and the older ones.
// Pure: whoever adds resources at run time passes them in too.
import { createHash } from 'node:crypto'
import { apiVersionOf } from '@keelson/apimachinery'
import type { KindReference, ResourceDefinition, SubresourceDefinition } from '../resource.ts'
import type { GroupVersionDefinition } from '../table.ts'

/** APIGroupDiscoveryList of the core group, or of all the others. */
export function aggregatedDiscovery(groupVersions: readonly GroupVersionDefinition[], root: '/api' | '/apis'): object {
  const groups = groupsOf(groupVersions).filter(({ group }) => (group === '') === (root === '/api'))
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map(({ version, resources }) => ({
        version,
        resources: resources.map(resourceDiscovery),
        freshness: 'Current',
      })),
    })),
  }
}

/** Of one version of a group. The core group's says no apiVersion: it is older than that rule. */
export function apiResourceList({ group, version, resources }: GroupVersionDefinition): object {
  return {
    kind: 'APIResourceList',
    ...(group !== '' && { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(group, version),
    resources: resources.flatMap(apiResources),
  }
}

/** All groups but the core one, preferred versions first. */
export function apiGroupList(groupVersions: readonly GroupVersionDefinition[]): object {
  const groups = groupsOf(groupVersions).filter(({ group }) => group !== '')
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(apiGroupEntry) }
}

/** undefined for a group that is not served. */
export function apiGroup(groupVersions: readonly GroupVersionDefinition[], name: string): object | undefined {
  const found = groupsOf(groupVersions).find(({ group }) => group === name)
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...apiGroupEntry(found) }
}

/** Of the core group. `serverAddress`: `host:port`. */
export function apiVersions(groupVersions: readonly GroupVersionDefinition[], serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: groupVersions.filter(({ group }) => group === '').map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** What clients compare to learn that stored objects must be rewritten: eight bytes of a hash over the stored kind. */
export function storageVersionHash(apiVersion: string, kind: string): string {
  const groupVersion = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  return createHash('sha256').update(`${groupVersion}/${kind}`).digest().subarray(0, 8).toString('base64')
}

interface Group {
  readonly group: string
  readonly versions: readonly GroupVersionDefinition[]
}

function groupsOf(groupVersions: readonly GroupVersionDefinition[]): Group[] {
  const groups = Map.groupBy(groupVersions, ({ group }) => group)
  return [...groups].map(([group, versions]) => ({ group, versions }))
}

function apiGroupEntry({ group, versions }: Group): object {
  const entries = versions.map(({ version }) => ({ groupVersion: apiVersionOf(group, version), version }))
  return { name: group, versions: entries, preferredVersion: entries[0] }
}

function resourceDiscovery(definition: ResourceDefinition): object {
  return {
    resource: definition.resource,
    responseKind: { group: '', version: '', kind: definition.kind },
    scope: definition.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: definition.verbs,
    ...(definition.shortNames.length > 0 && { shortNames: definition.shortNames }),
    ...(definition.categories.length > 0 && { categories: definition.categories }),
    ...(definition.subresources.length > 0 && {
      subresources: definition.subresources.map((subresource) => subresourceDiscovery(definition, subresource)),
    }),
  }
}

function subresourceDiscovery(parent: ResourceDefinition, subresource: SubresourceDefinition): object {
  const { name, responseKind, acceptedKinds, verbs } = subresource
  return {
    subresource: name,
    responseKind: relativeKind(parent, responseKind),
    ...(acceptedKinds.length > 0 && { acceptedKinds: acceptedKinds.map((kind) => relativeKind(parent, kind)) }),
    verbs,
  }
}

/** Group and version are left empty where they are the parent's. */
function relativeKind(parent: ResourceDefinition, { group, version, kind }: KindReference): KindReference {
  return isOwn(parent, { group, version, kind }) ? { group: '', version: '', kind } : { group, version, kind }
}

const isOwn = (parent: ResourceDefinition, { group, version }: KindReference): boolean =>
  group === parent.group && version === parent.version

function apiResources(definition: ResourceDefinition): object[] {
  const { resource, singular, namespaced, kind, verbs, shortNames, categories, storage } = definition
  const main = {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(storage && { storageVersionHash: storageVersionHash(storage.apiVersion, kind) }),
  }
  const parts = definition.subresources.map(({ name, responseKind, verbs: partVerbs }) => ({
    name: `${resource}/${name}`,
    singularName: '',
    namespaced,
    ...(!isOwn(definition, responseKind) && { group: responseKind.group, version: responseKind.version }),
    kind: responseKind.kind,
    verbs: partVerbs,
  }))
  return [main, ...parts]
}
