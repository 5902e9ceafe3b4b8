// Finds out who asks. Nobody in particular is system:anonymous; a credential that is not good is a 401.
import { ANONYMOUS, type Authenticator } from '@keelson/auth'
import { unauthorized } from '@keelson/apimachinery'
import type { Middleware } from '../context.ts'

export function authentication(authenticator: Authenticator): Middleware {
  return (context, next) => {
    const result = authenticator.authenticate({
      authorization: context.headers.authorization,
      clientCertificate: context.clientCertificate,
    })
    if (result.outcome === 'refused') throw unauthorized()
    context.user = result.outcome === 'authenticated' ? result.user : ANONYMOUS
    return next()
  }
}
