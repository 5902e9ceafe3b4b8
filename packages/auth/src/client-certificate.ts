// Authentication by client certificate: the common name is the user, the organizations are the groups.
import { ABSENT, authenticated, type Authenticator, REFUSED, withAuthenticatedGroup } from './authenticator.ts'
import type { AuthenticatedUser } from './user.ts'

/** Users are kept per certificate, so that a request costs one look-up; a server sees some hundreds of certificates. */
const MAX_KNOWN_USERS = 10_000

export function clientCertificateAuthenticator(): Authenticator {
  const users = new Map<string, AuthenticatedUser>()
  return {
    authenticate({ clientCertificate }) {
      if (clientCertificate === undefined) return ABSENT
      // A certificate without a common name is nobody, as upstream: another credential may still say who it is.
      if (!clientCertificate.verified) return REFUSED
      if (clientCertificate.commonName === '') return ABSENT
      let user = users.get(clientCertificate.fingerprint256)
      if (user === undefined) {
        user = {
          name: clientCertificate.commonName,
          uid: '',
          groups: withAuthenticatedGroup(clientCertificate.organizations),
          extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${clientCertificate.fingerprint256}`] },
        }
        if (users.size >= MAX_KNOWN_USERS) users.clear()
        users.set(clientCertificate.fingerprint256, user)
      }
      return authenticated(user)
    },
  }
}
