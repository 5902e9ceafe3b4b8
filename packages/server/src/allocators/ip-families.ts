// Which IP families a service has: inferred from its policy, its addresses and what the cluster has (KEP-563). Changes the
// service in place.
import { validateClusterIPs } from '@keelson/api'
import { type FieldError, type KubeObject, append, fieldInvalid, invalid, rootPath } from '@keelson/apimachinery'
import { type IPFamily, familyOf } from './address-range.ts'

/** The parts of a Service's spec that allocation reads and writes. */
export interface ServiceSpec {
  type?: string
  clusterIP?: string
  clusterIPs?: string[]
  ipFamilies?: string[]
  ipFamilyPolicy?: string
  selector?: Record<string, string>
  ports?: { name?: string; protocol?: string; port: number; nodePort?: number }[]
  externalTrafficPolicy?: string
  healthCheckNodePort?: number
  allocateLoadBalancerNodePorts?: boolean
}

export const specOf = (service: KubeObject): ServiceSpec => (service.spec ?? {}) as ServiceSpec // The schema of Service has checked it.

export const isHeadless = (spec: ServiceSpec): boolean => spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None'
export const needsClusterIP = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName'

const policyPath = rootPath.child('spec', 'ipFamilyPolicy')
const familiesPath = rootPath.child('spec', 'ipFamilies')
const addressesPath = rootPath.child('spec', 'clusterIPs')

/** Keeps `clusterIP` and `clusterIPs` in step when a client wrote only one of them. */
export function normalizeClusterIPs(next: ServiceSpec, old: ServiceSpec | undefined): void {
  if (old === undefined) {
    if (next.clusterIP && !next.clusterIPs?.length) next.clusterIPs = [next.clusterIP]
    return
  }
  if (old.clusterIPs?.length && !next.clusterIPs?.length && old.clusterIP === next.clusterIP)
    next.clusterIPs = [...old.clusterIPs]
  if (old.clusterIP === next.clusterIP) return
  const unchanged = sameList(old.clusterIPs, next.clusterIPs)
  if (old.clusterIP && !next.clusterIP) {
    if (unchanged) delete next.clusterIPs
  } else if (unchanged) {
    next.clusterIPs = next.clusterIP ? [next.clusterIP] : []
  }
}

/** `families`: what the cluster has, the default one first. Throws Invalid with upstream's messages. */
export function initIPFamilies(service: KubeObject, old: ServiceSpec | undefined, families: readonly IPFamily[]): void {
  const spec = specOf(service)
  if (!needsClusterIP(spec) || keepsPreference(spec, old)) return
  spec.ipFamilyPolicy ??=
    old?.ipFamilyPolicy ?? (isHeadless(spec) && noSelector(spec) ? 'RequireDualStack' : 'SingleStack')
  const errors = validateClusterIPs(spec, old)
  if (errors.length > 0) throw invalidService(service, errors)
  const single = spec.ipFamilyPolicy === 'SingleStack'
  if (old !== undefined && single) releaseSecondary(spec, old)
  if (old !== undefined && !single && needsClusterIP(old)) {
    if ((spec.clusterIPs?.length ?? 0) > 0 && (spec.clusterIPs?.length ?? 0) < (old.clusterIPs?.length ?? 0)) {
      errors.push(
        fieldInvalid(policyPath, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"),
      )
    }
    if ((spec.ipFamilies?.length ?? 0) > 0 && (spec.ipFamilies?.length ?? 0) < (old.ipFamilies?.length ?? 0)) {
      errors.push(
        fieldInvalid(policyPath, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"),
      )
    }
  }
  if (single && spec.clusterIPs?.length === 2) {
    errors.push(
      fieldInvalid(
        policyPath,
        spec.ipFamilyPolicy,
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
      ),
    )
  }
  if (single && spec.ipFamilies?.length === 2) {
    errors.push(
      fieldInvalid(
        policyPath,
        spec.ipFamilyPolicy,
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
      ),
    )
  }
  append(errors, inferFromAddresses(spec, families))
  if (errors.length > 0) throw invalidService(service, errors)
  spec.ipFamilies ??= []
  if (isHeadless(spec) && noSelector(spec)) return completeFamilies(spec, families, ['IPv4', 'IPv6'])
  if (spec.ipFamilyPolicy === 'RequireDualStack' && families.length < 2) {
    errors.push(fieldInvalid(policyPath, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  }
  spec.ipFamilies.forEach((family, index) => {
    if (!families.some((known) => known === family)) {
      errors.push(fieldInvalid(familiesPath.index(index), family, 'not configured on this cluster'))
    }
  })
  if (errors.length > 0) throw invalidService(service, errors)
  completeFamilies(spec, families, families)
}

export const invalidService = (service: KubeObject, errors: readonly FieldError[]): Error =>
  invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors)

const noSelector = (spec: ServiceSpec): boolean => Object.keys(spec.selector ?? {}).length === 0

/** A preference for two families is acted on when something about it changes, not whenever the cluster has changed. */
const keepsPreference = (spec: ServiceSpec, old: ServiceSpec | undefined): boolean =>
  old !== undefined &&
  old.type === spec.type &&
  spec.ipFamilyPolicy === 'PreferDualStack' &&
  (old.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
  sameList(spec.clusterIPs, old.clusterIPs) &&
  sameList(spec.ipFamilies, old.ipFamilies)

const sameList = (left: readonly string[] = [], right: readonly string[] = []): boolean => left.join() === right.join()

/** SingleStack on an update that changes neither list is the wish to drop the second address and family. */
function releaseSecondary(spec: ServiceSpec, old: ServiceSpec): void {
  if (spec.clusterIPs?.length === 2 && spec.clusterIPs.join() === old.clusterIPs?.join())
    spec.clusterIPs = spec.clusterIPs.slice(0, 1)
  if (spec.ipFamilies?.length === 2 && spec.ipFamilies.join() === old.ipFamilies?.join())
    spec.ipFamilies = spec.ipFamilies.slice(0, 1)
}

function inferFromAddresses(spec: ServiceSpec, families: readonly IPFamily[]): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    const family = familyOf(address)
    if (family === undefined) break // `None`, or malformed.
    if (index < (spec.ipFamilies?.length ?? 0)) continue
    if (families.includes(family)) (spec.ipFamilies ??= []).push(family)
    else
      errors.push(
        fieldInvalid(addressesPath.index(index), spec.clusterIPs, `${family} is not configured on this cluster`),
      )
  }
  return errors
}

function completeFamilies(spec: ServiceSpec, families: readonly IPFamily[], possible: readonly IPFamily[]): void {
  const chosen = (spec.ipFamilies ??= [])
  if (chosen.length === 0) chosen.push(families[0] ?? 'IPv4')
  if (chosen.length > 1 || spec.ipFamilyPolicy === 'SingleStack') return
  const other = possible.find((family) => family !== chosen[0])
  if (other !== undefined) chosen.push(other)
}
