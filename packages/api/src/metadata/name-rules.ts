// Which rule the names of a kind follow. Most are DNS subdomains; a strategy's own rule goes before this table.
import { type NameRule, goQuote, nameIsDNSLabel, nameIsDNSSubdomain, nameIsPathSegment } from '@keelson/apimachinery'
import type { ResourceDefinition } from '../resource.ts'
import { INVALID_IP, formatAddress, parseAddress } from '../validation/ip-address.ts'

/** Prefix or not, a role's name is taken as it is. */
const wholePathSegment: NameRule = (name) => nameIsPathSegment(name, false)

const BY_KIND: ReadonlyMap<string, NameRule> = new Map([
  ['apiregistration.k8s.io/APIService', wholePathSegment],
  ['apps/StatefulSet', nameIsDNSLabel],
  ['certificates.k8s.io/CertificateSigningRequest', nameIsPathSegment],
  ['rbac.authorization.k8s.io/ClusterRole', wholePathSegment],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', wholePathSegment],
  ['rbac.authorization.k8s.io/Role', wholePathSegment],
  ['rbac.authorization.k8s.io/RoleBinding', wholePathSegment],
  ['networking.k8s.io/IPAddress', nameIsAddress],
])

export function nameRuleOf({ group, kind }: ResourceDefinition): NameRule {
  return BY_KIND.get(`${group}/${kind}`) ?? nameIsDNSSubdomain
}

/** An IP address in its one canonical form, so that two objects cannot stand for one address. */
function nameIsAddress(name: string): string[] {
  const address = parseAddress(name)
  if (address === undefined) return [INVALID_IP]
  if (!address.strict)
    return [name.includes(':') ? 'must not be an IPv4-mapped IPv6 address' : 'must not have leading 0s']
  const canonical = formatAddress(address)
  return name === canonical ? [] : [`must be in canonical form (${goQuote(canonical)})`]
}
