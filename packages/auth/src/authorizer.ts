// Authorization: may this user do this? An authorizer allows, denies, or leaves it to the next one.
import { goQuote } from '@keelson/apimachinery'
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

/** Upstream's words for a refusal: who, what, and where, and nothing in it that a browser would take for HTML. */
export function refusalText(attributes: AuthorizationAttributes): string {
  return textOf(attributes).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function textOf({
  user,
  verb,
  isResourceRequest,
  path,
  group,
  resource,
  subresource,
  namespace,
}: AuthorizationAttributes): string {
  const who = `User ${goQuote(user.name)}`
  if (!isResourceRequest) return `${who} cannot ${verb} path ${goQuote(path)}`
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`
  return `${who} cannot ${verb} resource ${goQuote(what)} in API group ${goQuote(group)} ${where}`
}
