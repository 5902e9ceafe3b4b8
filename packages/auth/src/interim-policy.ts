// The policy until role based access control is enforced: masters and the controller manager may do everything; everyone may ask for health and
// version; whoever is known may also look at discovery and ask who he is. All else is refused.
import type { AuthorizationAttributes, Authorizer } from './authorizer.ts'
import { AUTHENTICATED_GROUP, MASTERS_GROUP } from './user.ts'

/** Deletes whatever is garbage: what its roles allow service accounts of its controllers, it may itself until there are roles. */
const CONTROLLER_MANAGER = 'system:kube-controller-manager'

const ALLOW = { decision: 'allow', reason: '' } as const
const NO_OPINION = { decision: 'no-opinion', reason: '' } as const

/** What upstream's roles system:public-info-viewer and system:discovery allow. */
const PUBLIC_PATHS = ['/healthz', '/livez', '/readyz', '/version']
const DISCOVERY_PATHS = [...PUBLIC_PATHS, '/api', '/apis', '/openapi']

export const interimAuthorizer: Authorizer = {
  authorize(attributes) {
    const { name, groups } = attributes.user
    if (groups.includes(MASTERS_GROUP) || name === CONTROLLER_MANAGER) return ALLOW
    const known = groups.includes(AUTHENTICATED_GROUP)
    if (attributes.isResourceRequest) return known && isSelfReview(attributes) ? ALLOW : NO_OPINION
    if (attributes.verb !== 'get') return NO_OPINION
    return isUnder(attributes.path, known ? DISCOVERY_PATHS : PUBLIC_PATHS) ? ALLOW : NO_OPINION
  },
}

/** The part of upstream's role system:basic-user that is served. */
const isSelfReview = ({ verb, group, resource }: AuthorizationAttributes): boolean =>
  verb === 'create' && group === 'authentication.k8s.io' && resource === 'selfsubjectreviews'

const isUnder = (path: string, roots: readonly string[]): boolean =>
  roots.some((root) => path.startsWith(root) && (path.length === root.length || path[root.length] === '/'))
