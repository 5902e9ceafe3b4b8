// Asks the authorizer whether this user may do this. What is not allowed is forbidden, in upstream's words.
import { ANONYMOUS, type AuthorizationAttributes, type Authorizer, refusalText } from '@keelson/auth'
import { forbidden } from '@keelson/apimachinery'
import type { Middleware, RequestContext } from '../context.ts'

export function authorization(authorizer: Authorizer): Middleware {
  return (context, next) => {
    context.authorizer = authorizer
    requireAllowed(context, context.info.verb)
    return next()
  }
}

/**
 * StatusError 403 unless the user may do `verb` to what the path names. For what turns out to be more than the request's
 * own verb: an update that creates.
 */
export function requireAllowed({ info, user, authorizer }: RequestContext, verb: string): void {
  const attributes: AuthorizationAttributes = {
    user: user ?? ANONYMOUS,
    verb,
    isResourceRequest: info.isResourceRequest,
    path: info.path,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
  }
  if (authorizer === undefined) throw new Error('a request has come past authorization')
  const { decision, reason } = authorizer.authorize(attributes)
  if (decision === 'allow') return
  const text = refusalText(attributes)
  throw forbidden(info, info.name, reason === '' ? text : `${text}: ${reason}`)
}
