// Which paths of the recorded documents a server has that serves less than all resources, and which schemas they need.
import { openApiSchema } from '../schema/openapi-schema.ts'
import type { ServedResources } from '../served.ts'

/** `template`: a path of a document, such as `/apis/apps/v1/namespaces/{namespace}/deployments/{name}`. */
export function isServedPath(served: ServedResources, template: string): boolean {
  const [, root, ...rest] = template.replace(/\/$/, '').split('/')
  if (root !== 'api' && root !== 'apis') return true
  const [group, version, ...parts] = root === 'api' ? ['', ...rest] : rest
  if (group === undefined) return true
  if (version === undefined) return served.groupVersions.some((each) => each.group === group)
  const resource = resourceOf(parts)
  if (resource === undefined)
    return served.groupVersions.some((each) => each.group === group && each.version === version)
  return served.findResource(group, version, resource) !== undefined
}

function resourceOf(parts: readonly string[]): string | undefined {
  const rest = parts[0] === 'watch' ? parts.slice(1) : parts
  return rest[0] === 'namespaces' && rest[1] === '{namespace}' && rest[2] !== undefined ? rest[2] : rest[0]
}

/** The schemas among `names` that a text of paths leads to. */
export function reachableSchemas(names: readonly string[], pathsText: string): string[] {
  const reached = new Set<string>()
  const follow = (text: string): void => {
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      if (reached.has(name)) continue
      reached.add(name)
      follow(JSON.stringify(openApiSchema(name) ?? {}))
    }
  }
  follow(pathsText)
  return names.filter((name) => reached.has(name))
}
