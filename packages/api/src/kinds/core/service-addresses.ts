// The cluster addresses of a Service and their families: what fits together, and what may change.
import {
  type FieldError,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  rootPath,
} from '@keelson/apimachinery'
import { checkAddress, isIPv6 } from '../../validation/ip-address.ts'
import { NO_CLUSTER_IP, type ServiceSpec, isHeadless } from './service-types.ts'

const specPath = rootPath.child('spec')
const addressesPath = specPath.child('clusterIPs')
const familiesPath = specPath.child('ipFamilies')
const FAMILIES = ['IPv4', 'IPv6']
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const MAY_NOT_CHANGE = 'may not change once set'

type AddressFields = Pick<ServiceSpec, 'type' | 'clusterIP' | 'clusterIPs' | 'ipFamilies' | 'ipFamilyPolicy'>

/** Also for the allocator, which must not work on what does not fit together. */
export function validateClusterIPs(spec: AddressFields, old: AddressFields | undefined): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const errors: FieldError[] = []
  const addresses = spec.clusterIPs ?? []
  const families = spec.ipFamilies ?? []
  checkSingularAndPlural(errors, spec.clusterIP ?? '', addresses)
  for (const [index, family] of families.entries()) {
    if (!FAMILIES.includes(family)) errors.push(fieldNotSupported(familiesPath.index(index), family, FAMILIES))
    if (families.indexOf(family) < index) errors.push(fieldDuplicate(familiesPath.index(index), family))
  }
  if (spec.ipFamilyPolicy !== undefined && !POLICIES.includes(spec.ipFamilyPolicy)) {
    errors.push(fieldNotSupported(specPath.child('ipFamilyPolicy'), spec.ipFamilyPolicy, POLICIES))
  }
  const before = errors.length
  for (const [index, address] of addresses.entries()) {
    if (index === 0 && address === NO_CLUSTER_IP) {
      if (addresses.length > 1)
        errors.push(fieldInvalid(addressesPath, addresses, "'None' must be the first and only value"))
    } else checkAddress(errors, addressesPath.index(index), address, old?.clusterIPs)
  }
  const wellFormed = errors.length === before
  if (addresses.length > 2) errors.push(fieldInvalid(addressesPath, addresses, 'may only hold up to 2 values'))
  if (!wellFormed) return errors
  if (addresses.length > 1 && new Set(addresses.map(isIPv6)).size < 2) {
    errors.push(fieldInvalid(addressesPath, addresses, 'may specify no more than one IP for each IP family'))
  }
  if (!isHeadless(spec)) checkFamilies(errors, addresses, families)
  return errors
}

function checkSingularAndPlural(errors: FieldError[], singular: string, plural: readonly string[]): void {
  if (singular !== '' && plural.length === 0) errors.push(fieldRequired(addressesPath, ''))
  else if (singular !== '' && plural[0] !== singular) {
    errors.push(fieldInvalid(addressesPath, plural, 'first value must match `clusterIP`'))
  } else if (singular === '' && plural.length > 0) {
    errors.push(fieldInvalid(addressesPath, plural, 'must be empty when `clusterIP` is not specified'))
  }
}

function checkFamilies(errors: FieldError[], addresses: readonly string[], families: readonly string[]): void {
  for (const [index, address] of addresses.entries()) {
    const expected = families[index]
    if (expected === undefined) return
    if ((expected === 'IPv4' && isIPv6(address)) || (expected === 'IPv6' && !isIPv6(address))) {
      const detail = `expected an ${expected} value as indicated by \`ipFamilies[${index}]\``
      errors.push(fieldInvalid(addressesPath.index(index), address, detail))
    }
  }
}

/** The first address and family are for life, except on the way from or to ExternalName; the second may come and go. */
export function validateClusterIPsUpdate(next: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (next.type === 'ExternalName' || old.type === 'ExternalName') return []
  const errors: FieldError[] = []
  if (!(isHeadless(next) && isHeadless(old))) checkAddressesUpdate(errors, next, old)
  if (!isHeadless(next) && !isHeadless(old)) checkFamiliesUpdate(errors, next, old)
  return errors
}

function checkAddressesUpdate(errors: FieldError[], next: ServiceSpec, old: ServiceSpec): void {
  const addresses = next.clusterIPs ?? []
  const before = old.clusterIPs ?? []
  if (before.length === addresses.length) {
    for (const [index, address] of before.entries()) {
      if (address !== addresses[index]) errors.push(fieldInvalid(addressesPath.index(index), addresses, MAY_NOT_CHANGE))
    }
    return
  }
  if (before.length > addresses.length && addresses.length === 0) {
    errors.push(fieldInvalid(addressesPath.index(0), next.clusterIPs, 'primary clusterIP can not be unset'))
  }
  if (before.length > 0 && addresses.length > 0 && addresses[0] !== before[0]) {
    errors.push(fieldInvalid(addressesPath.index(0), addresses, MAY_NOT_CHANGE))
  }
  if (before.length > addresses.length && addresses.length === 1 && next.ipFamilyPolicy !== 'SingleStack') {
    const detail = "must be set to 'SingleStack' when releasing the secondary clusterIP"
    errors.push(fieldInvalid(specPath.child('ipFamilyPolicy'), next.ipFamilyPolicy, detail))
  }
}

function checkFamiliesUpdate(errors: FieldError[], next: ServiceSpec, old: ServiceSpec): void {
  const families = next.ipFamilies ?? []
  const before = old.ipFamilies ?? []
  if (before.length === families.length) {
    for (const [index, family] of before.entries()) {
      if (family !== families[index]) errors.push(fieldInvalid(familiesPath.index(0), families, MAY_NOT_CHANGE))
    }
    return
  }
  if (before.length > families.length && (next.clusterIPs ?? []).length === 0) {
    errors.push(fieldInvalid(familiesPath.index(0), next.ipFamilies, 'primary ipFamily can not be unset'))
  }
  if (before.length > 0 && families.length > 0 && families[0] !== before[0]) {
    errors.push(fieldInvalid(familiesPath.index(0), next.clusterIPs, MAY_NOT_CHANGE))
  }
  if (before.length > families.length && families.length === 1 && next.ipFamilyPolicy !== 'SingleStack') {
    const detail = "must be set to 'SingleStack' when releasing the secondary ipFamily"
    errors.push(fieldInvalid(specPath.child('ipFamilyPolicy'), next.ipFamilyPolicy, detail))
  }
}
