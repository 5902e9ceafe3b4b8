// Lets those who may act as somebody else (`kubectl --as`): from here on the request is the other user's.
//   Impersonate-User  Impersonate-Group (any number)  Impersonate-Uid  Impersonate-Extra-{key}
import {
  ANONYMOUS,
  AUTHENTICATED_GROUP,
  type AuthorizationAttributes,
  type Authorizer,
  refusalText,
  UNAUTHENTICATED_GROUP,
} from '@keelson/auth'
import { badRequest, forbidden, type GroupResource } from '@keelson/apimachinery'
import type { Middleware, RequestContext, UserInfo } from '../context.ts'

const EXTRA_PREFIX = 'impersonate-extra-'
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/

export function impersonation(authorizer: Authorizer): Middleware {
  return (context, next) => {
    const wanted = wantedUser(context)
    if (wanted === undefined) return next()
    const { name, groups, uid, extra } = wanted
    if (name === '') {
      const quoted = groups.map((group) => JSON.stringify(group)).join(' ')
      const asked = `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:[]string{${quoted}}, Extra:map[string][]string(nil)}`
      throw badRequest(`requested ${asked} without impersonating a user name`)
    }
    for (const permission of permissionsFor(wanted)) mayImpersonate(authorizer, context.user ?? ANONYMOUS, permission)
    context.user = { name, uid, groups: groupsOf(wanted), extra }
    return next()
  }
}

/** What must be allowed for it: one resource for each thing that is taken on. */
interface Permission extends GroupResource {
  readonly name: string
  readonly namespace: string
  readonly subresource: string
}

function permissionsFor({ name, groups, uid, extra }: UserInfo): Permission[] {
  const account = SERVICE_ACCOUNT.exec(name)
  const plain = { group: '', namespace: '', subresource: '' }
  const identity = { ...plain, group: 'authentication.k8s.io' }
  return [
    account === null
      ? { ...plain, resource: 'users', name }
      : { ...plain, resource: 'serviceaccounts', namespace: account[1] ?? '', name: account[2] ?? '' },
    ...groups.map((group) => ({ ...plain, resource: 'groups', name: group })),
    ...(uid === '' ? [] : [{ ...identity, resource: 'uids', name: uid }]),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({ ...identity, resource: 'userextras', subresource: key, name: value })),
    ),
  ]
}

function mayImpersonate(authorizer: Authorizer, user: UserInfo, permission: Permission): void {
  const attributes: AuthorizationAttributes = {
    user,
    verb: 'impersonate',
    isResourceRequest: true,
    path: '',
    version: 'v1',
    ...permission,
  }
  if (authorizer.authorize(attributes).decision !== 'allow')
    throw forbidden(permission, permission.name, refusalText(attributes))
}

/** Undefined: the request asks for nobody. */
function wantedUser({ headers }: RequestContext): UserInfo | undefined {
  const extra: Record<string, string[]> = {}
  let asked = false
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith('impersonate-') || value === undefined) continue
    asked = true
    if (header.startsWith(EXTRA_PREFIX)) extra[decodeKey(header.slice(EXTRA_PREFIX.length))] = listOf(value)
  }
  if (!asked) return undefined
  const one = (header: string): string => String(headers[header] ?? '')
  return {
    name: one('impersonate-user'),
    uid: one('impersonate-uid'),
    groups: listOf(headers['impersonate-group']),
    extra,
  }
}

/** Node joins a header that is there more than once with a comma and a space. */
const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : [value].flat().flatMap((text) => text.split(', '))

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

function groupsOf({ name, groups }: UserInfo): readonly string[] {
  if (name === ANONYMOUS.name) return groups.length > 0 ? groups : [UNAUTHENTICATED_GROUP]
  const account = SERVICE_ACCOUNT.exec(name)
  const own =
    groups.length > 0 || account === null ? groups : ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`]
  return own.includes(AUTHENTICATED_GROUP) ? own : [...own, AUTHENTICATED_GROUP]
}
