// Authentication: from credentials to a user. An authenticator knows one kind of credential; they are asked in order.
import { AUTHENTICATED_GROUP, type AuthenticatedUser } from './user.ts'

/** What a request carries that could say who it is from. */
export interface Credentials {
  readonly authorization: string | undefined
  readonly clientCertificate:
    | {
        readonly verified: boolean
        readonly commonName: string
        readonly organizations: readonly string[]
        readonly fingerprint256: string
      }
    | undefined
}

/** `absent`: no credential of this authenticator's kind. `refused`: there was one, and it is not good. */
export type AuthenticationResult =
  | { readonly outcome: 'authenticated'; readonly user: AuthenticatedUser }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'absent' }

export interface Authenticator {
  authenticate(credentials: Credentials): AuthenticationResult
}

export const ABSENT: AuthenticationResult = { outcome: 'absent' }
export const REFUSED: AuthenticationResult = { outcome: 'refused' }

export const authenticated = (user: AuthenticatedUser): AuthenticationResult => ({ outcome: 'authenticated', user })

/** Upstream adds this group to everyone who is somebody, unless the group is there already. */
export const withAuthenticatedGroup = (groups: readonly string[]): readonly string[] =>
  groups.includes(AUTHENTICATED_GROUP) ? groups : [...groups, AUTHENTICATED_GROUP]

/** The first that knows the user decides; a refused credential is a 401 only when no other one is good. */
export function firstOf(authenticators: readonly Authenticator[]): Authenticator {
  return {
    authenticate(credentials) {
      let refused = false
      for (const authenticator of authenticators) {
        const result = authenticator.authenticate(credentials)
        if (result.outcome === 'authenticated') return result
        if (result.outcome === 'refused') refused = true
      }
      return refused ? REFUSED : ABSENT
    },
  }
}
