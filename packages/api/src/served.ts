// Which of the built-in resources a server serves: all of them, or less (--runtime-config).
import { type GroupVersionDefinition, builtinGroupVersions } from './table.ts'
import type { ResourceDefinition } from './resource.ts'

export interface ServedResources {
  /** In the table's order; a group version of which nothing is served is left out. */
  readonly groupVersions: readonly GroupVersionDefinition[]
  /** Nothing of the table is left out. */
  readonly isComplete: boolean
  findResource(group: string, version: string, resource: string): ResourceDefinition | undefined
}

export function servedResources(isServed: (definition: ResourceDefinition) => boolean = () => true): ServedResources {
  const all = builtinGroupVersions()
  const groupVersions = all
    .map((each) => ({ ...each, resources: each.resources.filter(isServed) }))
    .filter(({ resources }) => resources.length > 0)
  const byName = new Map(
    groupVersions.flatMap(({ resources }) =>
      resources.map((item) => [`${item.group}/${item.version}/${item.resource}`, item]),
    ),
  )
  return {
    groupVersions,
    isComplete: byName.size === all.reduce((sum, { resources }) => sum + resources.length, 0),
    findResource: (group, version, resource) => byName.get(`${group}/${version}/${resource}`),
  }
}
