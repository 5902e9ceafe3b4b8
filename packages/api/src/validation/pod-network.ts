// Names and addresses of a pod: its host name, its name servers, and what the host's network asks of its ports.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  isDNS1123Label,
  isDNS1123Subdomain,
  isDNS1123SubdomainWithUnderscore,
} from '@keelson/apimachinery'
import type { PodSpec } from '../kinds/core/pod-types.ts'
import { checkName } from './field-checks.ts'
import { checkAddress } from './ip-address.ts'

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
/** Limits of the resolver of Linux. */
const MAX_NAMESERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_CHARACTERS = 2048
const MAX_HOSTNAME_OVERRIDE = 64

export function checkDnsPolicy(errors: FieldError[], { dnsPolicy }: PodSpec, path: FieldPath): void {
  if (!dnsPolicy) errors.push(fieldRequired(path.child('dnsPolicy'), ''))
  else if (!DNS_POLICIES.includes(dnsPolicy))
    errors.push(fieldNotSupported(path.child('dnsPolicy'), dnsPolicy, DNS_POLICIES))
}

export function checkDnsConfig(errors: FieldError[], { dnsConfig, dnsPolicy }: PodSpec, path: FieldPath): void {
  const at = path.child('dnsConfig')
  if (dnsConfig === undefined) {
    if (dnsPolicy === 'None') errors.push(fieldRequired(at, 'must provide `dnsConfig` when `dnsPolicy` is None'))
    return
  }
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    errors.push(
      fieldRequired(at.child('nameservers'), 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
    )
    return
  }
  if (nameservers.length > MAX_NAMESERVERS) {
    errors.push(
      fieldInvalid(at.child('nameservers'), nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`),
    )
  }
  for (const [index, address] of nameservers.entries())
    checkAddress(errors, at.child('nameservers').index(index), address)
  if (searches.length > MAX_SEARCHES) {
    errors.push(fieldInvalid(at.child('searches'), searches, `must not have more than ${MAX_SEARCHES} search paths`))
  }
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const detail = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`
    errors.push(fieldInvalid(at.child('searches'), searches, detail))
  }
  for (const [index, search] of searches.entries()) {
    if (search !== '.')
      checkName(errors, at.child('searches').index(index), search.replace(/\.$/, ''), isDNS1123SubdomainWithUnderscore)
  }
  for (const [index, { name }] of options.entries()) {
    if (!name) errors.push(fieldRequired(at.child('options').index(index), 'must not be empty'))
  }
}

/** On the host's network a port is the host's: `isPod`, as a template may still leave that to the pod. */
export function checkHostNetworkPorts(
  errors: FieldError[],
  { hostNetwork, containers }: PodSpec,
  path: FieldPath,
  isPod: boolean,
): void {
  if (!hostNetwork) return
  for (const [index, { ports = [] }] of (containers ?? []).entries()) {
    for (const [portIndex, { hostPort = 0, containerPort = 0 }] of ports.entries()) {
      if (hostPort === containerPort || (hostPort === 0 && !isPod)) continue
      const at = path.child('containers').index(index).child('ports').index(portIndex).child('hostPort')
      errors.push(fieldInvalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true'))
    }
  }
}

export function checkHostNames(errors: FieldError[], { hostname, subdomain }: PodSpec, path: FieldPath): void {
  if (hostname) checkName(errors, path.child('hostname'), hostname, isDNS1123Label)
  if (subdomain) checkName(errors, path.child('subdomain'), subdomain, isDNS1123Label)
}

export function checkHostnameOverride(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const { hostnameOverride, setHostnameAsFQDN, hostNetwork } = spec
  if (hostnameOverride === undefined) return
  const at = path.child('hostnameOverride')
  if (setHostnameAsFQDN) errors.push(fieldForbidden(at, 'may not be specified when setHostnameAsFQDN is true'))
  if (hostNetwork) errors.push(fieldForbidden(at, 'may not be specified when hostNetwork is true'))
  if (hostnameOverride.length > MAX_HOSTNAME_OVERRIDE) errors.push(fieldTooLong(at, MAX_HOSTNAME_OVERRIDE))
  checkName(errors, at, hostnameOverride, isDNS1123Subdomain)
}

export function checkHostAliases(errors: FieldError[], { hostAliases = [] }: PodSpec, path: FieldPath): void {
  for (const [index, { ip = '', hostnames = [] }] of hostAliases.entries()) {
    const at = path.child('hostAliases').index(index)
    checkAddress(errors, at.child('ip'), ip)
    for (const [nameIndex, name] of hostnames.entries())
      checkName(errors, at.child('hostnames').index(nameIndex), name, isDNS1123Subdomain)
  }
}
