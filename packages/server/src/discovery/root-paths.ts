// What `/` lists: every path that is not one of a resource.
import { builtinGroupVersions } from '@keelson/api'

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

export function rootPaths(): string[] {
  const paths = new Set(['/api', '/apis', '/apis/', ...OTHER_PATHS])
  for (const { group, version } of builtinGroupVersions()) {
    if (group !== '') paths.add(`/apis/${group}`)
    paths.add(group === '' ? `/api/${version}` : `/apis/${group}/${version}`)
  }
  return [...paths].toSorted()
}
