// Authorization: may this user do this? An authorizer allows, denies, or leaves it to the next one.
import type { AuthenticatedUser } from './user.ts'

export interface AuthorizationAttributes {
  readonly user: AuthenticatedUser
  readonly verb: string
  readonly isResourceRequest: boolean
  readonly path: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

export type Decision = 'allow' | 'deny' | 'no-opinion'

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): { readonly decision: Decision; readonly reason: string }
}

/** Upstream's words for a refusal: who, what, and where. */
export function refusalText({
  user,
  verb,
  isResourceRequest,
  path,
  group,
  resource,
  subresource,
  namespace,
}: AuthorizationAttributes): string {
  const who = `User ${JSON.stringify(user.name)}`
  if (!isResourceRequest) return `${who} cannot ${verb} path ${JSON.stringify(path)}`
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  return `${who} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}`
}
