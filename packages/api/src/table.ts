// The table of built-in resources, in upstream's order of preference of groups and versions. Made from facts/resources.json at
// the first question; everything that names a built-in kind starts here.
import type { GroupVersionKind } from '@keelson/apimachinery'
import { readFacts } from './facts.ts'
import { kindStrategies } from './kinds/index.ts'
import type {
  KindReference,
  KindStrategy,
  ResourceDefinition,
  StorageLocation,
  SubresourceDefinition,
  TableColumn,
  Verb,
} from './resource.ts'

/** One version of one group, with its resources in alphabetical order. */
export interface GroupVersionDefinition {
  readonly group: string
  readonly version: string
  readonly resources: readonly ResourceDefinition[]
}

interface ResourceFacts {
  readonly resource: string
  readonly kind: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: Verb[]
  readonly shortNames?: string[]
  readonly categories?: string[]
  readonly subresources?: {
    readonly subresource: string
    readonly responseKind?: KindReference
    readonly acceptedKinds?: KindReference[]
    readonly verbs: Verb[]
  }[]
  readonly storage?: StorageLocation
  readonly schema: string
  readonly columns: [name: string, type: string, format: string, priority: number][]
}

interface GroupVersionFacts {
  readonly group: string
  readonly version: string
  readonly resources: readonly ResourceFacts[]
}

interface Table {
  readonly groupVersions: readonly GroupVersionDefinition[]
  readonly resources: readonly ResourceDefinition[]
  readonly byResource: ReadonlyMap<string, ResourceDefinition>
  readonly byKind: ReadonlyMap<string, ResourceDefinition>
}

let table: Table | undefined

/** Every served resource; the core group first, then the groups in upstream's order; preferred versions first. */
export function builtinResources(): readonly ResourceDefinition[] {
  return theTable().resources
}

/** The same, by group and version. */
export function builtinGroupVersions(): readonly GroupVersionDefinition[] {
  return theTable().groupVersions
}

export function findResource(group: string, version: string, resource: string): ResourceDefinition | undefined {
  return theTable().byResource.get(`${group}/${version}/${resource}`)
}

export function findKind({ group, version, kind }: GroupVersionKind): ResourceDefinition | undefined {
  return theTable().byKind.get(`${group}/${version}/${kind}`)
}

export function strategyOf(definition: ResourceDefinition): KindStrategy {
  return (
    kindStrategies.get(`${definition.group}/${definition.kind}`) ?? (hasStatus(definition) ? STATUS_ONLY : NO_RULES)
  )
}

const NO_RULES: KindStrategy = {}
const STATUS_ONLY: KindStrategy = { hasStatus: true }

const hasStatus = (definition: ResourceDefinition): boolean =>
  definition.subresources.some(({ name }) => name === 'status')

function theTable(): Table {
  table ??= makeTable(readFacts<readonly GroupVersionFacts[]>('resources.json'))
  return table
}

function makeTable(facts: readonly GroupVersionFacts[]): Table {
  const groupVersions = facts.map(({ group, version, resources }) => ({
    group,
    version,
    resources: resources.map((resource) => makeResource(group, version, resource)),
  }))
  const resources = groupVersions.flatMap((groupVersion) => groupVersion.resources)
  return {
    groupVersions,
    resources,
    byResource: new Map(resources.map((item) => [`${item.group}/${item.version}/${item.resource}`, item])),
    byKind: new Map(resources.map((item) => [`${item.group}/${item.version}/${item.kind}`, item])),
  }
}

function makeResource(group: string, version: string, facts: ResourceFacts): ResourceDefinition {
  return {
    group,
    version,
    resource: facts.resource,
    kind: facts.kind,
    listKind: `${facts.kind}List`,
    singular: facts.singular,
    shortNames: facts.shortNames ?? [],
    categories: facts.categories ?? [],
    namespaced: facts.namespaced,
    verbs: facts.verbs,
    subresources: (facts.subresources ?? []).map((subresource) => makeSubresource(group, version, facts, subresource)),
    storage: facts.storage,
    columns: facts.columns.map(makeColumn),
    schema: facts.schema,
  }
}

function makeSubresource(
  group: string,
  version: string,
  parent: ResourceFacts,
  facts: NonNullable<ResourceFacts['subresources']>[number],
): SubresourceDefinition {
  // Discovery leaves group and version empty where they are those of the parent.
  const full = (reference: KindReference): KindReference =>
    reference.version === '' ? { group, version, kind: reference.kind } : reference
  return {
    name: facts.subresource,
    responseKind: full(facts.responseKind ?? { group: '', version: '', kind: parent.kind }),
    acceptedKinds: (facts.acceptedKinds ?? []).map(full),
    verbs: facts.verbs,
  }
}

function makeColumn([name, type, format, priority]: ResourceFacts['columns'][number]): TableColumn {
  return { name, type, format, description: '', priority }
}
