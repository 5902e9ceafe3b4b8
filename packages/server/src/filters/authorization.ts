// Asks the authorizer whether this user may do this. What is not allowed is forbidden, in upstream's words.
import { ANONYMOUS, type AuthorizationAttributes, type Authorizer, refusalText } from '@keelson/auth'
import { forbidden } from '@keelson/apimachinery'
import type { Middleware } from '../context.ts'

export function authorization(authorizer: Authorizer): Middleware {
  return (context, next) => {
    const { info } = context
    const attributes: AuthorizationAttributes = {
      user: context.user ?? ANONYMOUS,
      verb: info.verb,
      isResourceRequest: info.isResourceRequest,
      path: info.path,
      group: info.group,
      version: info.version,
      resource: info.resource,
      subresource: info.subresource,
      namespace: info.namespace,
      name: info.name,
    }
    const { decision, reason } = authorizer.authorize(attributes)
    if (decision === 'allow') return next()
    const text = refusalText(attributes)
    throw forbidden(info, info.name, reason === '' ? text : `${text}: ${reason}`)
  }
}
