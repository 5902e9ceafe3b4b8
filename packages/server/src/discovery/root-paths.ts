// What `/` lists: every path that is not one of a resource.
import type { ServedResources } from '@keelson/api'

const OTHER_PATHS = [
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/readyz',
  '/version',
]

export function rootPaths(served: ServedResources): string[] {
  const paths = new Set(['/api', '/apis', '/apis/', ...OTHER_PATHS])
  for (const { group, version } of served.groupVersions) {
    if (group !== '') paths.add(`/apis/${group}`)
    paths.add(group === '' ? `/api/${version}` : `/apis/${group}/${version}`)
  }
  return [...paths].toSorted()
}
