// What a server serves, from its aggregated discovery documents (Kubernetes 1.27 and later): which resources there are, and which
// resource a kind belongs to.
import { type GroupVersionResource, type KubeObject, apiVersionOf } from '@keelson/apimachinery'
import type { KubeClient } from './client.ts'

export interface DiscoveredResource extends GroupVersionResource {
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

export interface Discovery {
  /** Every resource in every version, versions of a group in the server's order. Subresources are not among them. */
  readonly resources: readonly DiscoveredResource[]
  /** `group/version` of an aggregated server that does not answer; its resources may be missing or old. */
  readonly failed: ReadonlyMap<string, string>
}

/** client-go's words for it. */
export class GroupDiscoveryFailed extends Error {
  override readonly name = 'GroupDiscoveryFailed'
  readonly groups: ReadonlyMap<string, string>
  constructor(groups: ReadonlyMap<string, string>) {
    const list = [...groups].map(([groupVersion, why]) => `${groupVersion}: ${why}`).sort()
    super(`unable to retrieve the complete list of server APIs: ${list.join(', ')}`)
    this.groups = groups
  }
}

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

interface GroupDiscovery {
  readonly metadata: { readonly name?: string }
  readonly versions?: readonly {
    readonly version: string
    readonly freshness?: string
    readonly resources?: readonly {
      readonly resource: string
      readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind: string }
      readonly scope: 'Namespaced' | 'Cluster'
      readonly verbs: readonly string[]
    }[]
  }[]
}

/** Throws what the client throws, and an Error when the server has no aggregated discovery. */
export async function discover(client: KubeClient, signal?: AbortSignal): Promise<Discovery> {
  const documents = await Promise.all(
    ['/api', '/apis'].map((path) => client.request('GET', path, { accept: ACCEPT, signal })),
  )
  const resources: DiscoveredResource[] = []
  const failed = new Map<string, string>()
  for (const { metadata, versions = [] } of documents.flatMap(groupsOf)) {
    const group = metadata.name ?? ''
    for (const { version, freshness, resources: served = [] } of versions) {
      if (freshness === 'Stale') {
        const groupVersion = apiVersionOf(group, version)
        failed.set(groupVersion, `stale GroupVersion discovery: ${groupVersion}`)
      }
      for (const { resource, responseKind, scope, verbs } of served) {
        if (responseKind === undefined) continue // Only its subresources can be used.
        resources.push({ group, version, resource, kind: responseKind.kind, namespaced: scope === 'Namespaced', verbs })
      }
    }
  }
  return { resources, failed }
}

function groupsOf(document: KubeObject): readonly GroupDiscovery[] {
  if (document.kind !== 'APIGroupDiscoveryList') throw new Error('the server has no aggregated discovery')
  return (document['items'] ?? []) as readonly GroupDiscovery[] // The document's kind says so.
}

/** Each resource once, in the version that its group prefers among those that have it, when it supports all these verbs. */
export function preferredResources({ resources }: Discovery, verbs: readonly string[]): DiscoveredResource[] {
  const preferred = new Map<string, DiscoveredResource>()
  for (const resource of resources) {
    const name = `${resource.group}/${resource.resource}`
    if (!preferred.has(name)) preferred.set(name, resource)
  }
  return [...preferred.values()].filter((resource) => verbs.every((verb) => resource.verbs.includes(verb)))
}

/** The resource of a kind in exactly this version; undefined when it is not served. */
export function resourceOfKind(
  { resources }: Discovery,
  apiVersion: string,
  kind: string,
): DiscoveredResource | undefined {
  return resources.find((found) => found.kind === kind && apiVersionOf(found.group, found.version) === apiVersion)
}
