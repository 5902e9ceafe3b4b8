// What an EndpointSlice may say: addresses of one type, ports with different names.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooMany,
  goQuote,
  isDNS1123Label,
  isDNS1123Subdomain,
  isFullyQualifiedDomainName,
  isLabelValue,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import type { Endpoint, EndpointSlice } from '../kinds/discovery/endpointslice-types.ts'
import { checkEndpointAddress } from './endpoint-address.ts'
import { checkImmutable, checkName, semanticallyEqual } from './field-checks.ts'
import { checkAddress, formatAddress, isIPv6, parseAddress } from './ip-address.ts'
import { PROTOCOLS, checkProtocol } from './ports.ts'

const TYPES = ['FQDN', 'IPv4', 'IPv6']
const MAX_ADDRESSES = 100
const MAX_ENDPOINTS = 1000
const MAX_PORTS = 20_000
const MAX_HINTS = 8

export function validateEndpointSlice(slice: EndpointSlice, old?: EndpointSlice): FieldError[] {
  const { addressType = '', endpoints, ports } = slice
  const errors: FieldError[] = []
  const path = rootPath.child('addressType')
  if (addressType === '') errors.push(fieldRequired(path, ''))
  else if (!TYPES.includes(addressType)) errors.push(fieldNotSupported(path, addressType, TYPES))
  checkPorts(errors, ports ?? [])
  // What did not change was valid once.
  if (old === undefined || !semanticallyEqual(endpoints, old.endpoints))
    checkEndpoints(errors, endpoints ?? [], addressType)
  if (old !== undefined) checkImmutable(errors, addressType, old.addressType ?? '', path)
  return errors
}

function checkEndpoints(errors: FieldError[], endpoints: readonly Endpoint[], type: string): void {
  const path = rootPath.child('endpoints')
  if (endpoints.length > MAX_ENDPOINTS) errors.push(fieldTooMany(path, endpoints.length, MAX_ENDPOINTS))
  else for (const [index, endpoint] of endpoints.entries()) checkEndpoint(errors, endpoint, type, path.index(index))
}

function checkPorts(errors: FieldError[], ports: NonNullable<EndpointSlice['ports']>): void {
  const path = rootPath.child('ports')
  if (ports.length > MAX_PORTS) return void errors.push(fieldTooMany(path, ports.length, MAX_PORTS))
  const names = new Set<string>()
  for (const [index, { name = '', protocol, appProtocol }] of ports.entries()) {
    const at = path.index(index)
    if (name !== '') checkName(errors, at.child('name'), name, isDNS1123Label)
    if (names.has(name)) errors.push(fieldDuplicate(at.child('name'), name))
    names.add(name)
    // Upstream's rule is about a pointer: an empty text is there, and none of them.
    if (protocol === '') errors.push(fieldNotSupported(at.child('protocol'), protocol, PROTOCOLS))
    else checkProtocol(errors, protocol, at.child('protocol'))
    if (appProtocol !== undefined) checkName(errors, at.child('appProtocol'), appProtocol, isQualifiedName)
  }
}

function checkEndpoint(
  errors: FieldError[],
  { addresses, nodeName, hostname, hints }: Endpoint,
  type: string,
  path: FieldPath,
): void {
  const list = addresses ?? []
  const addressesPath = path.child('addresses')
  if (list.length === 0) errors.push(fieldRequired(addressesPath, 'must contain at least 1 address'))
  else if (list.length > MAX_ADDRESSES) errors.push(fieldTooMany(addressesPath, list.length, MAX_ADDRESSES))
  for (const [index, address] of list.entries()) {
    const at = addressesPath.index(index)
    if (type === 'FQDN') checkName(errors, at, address, isFullyQualifiedDomainName)
    else if (type === 'IPv4' || type === 'IPv6') checkSliceAddress(errors, address, type, addressesPath, at)
  }
  if (nodeName !== undefined) checkName(errors, path.child('nodeName'), nodeName, isDNS1123Subdomain)
  if (hostname !== undefined) checkName(errors, path.child('hostname'), hostname, isDNS1123Label)
  const hintsPath = path.child('hints')
  if (checkHints(errors, hints?.forZones ?? [], isLabelValue, hintsPath.child('forZones')))
    checkHints(errors, hints?.forNodes ?? [], isDNS1123Subdomain, hintsPath.child('forNodes'))
}

function checkSliceAddress(
  errors: FieldError[],
  address: string,
  type: 'IPv4' | 'IPv6',
  listPath: FieldPath,
  path: FieldPath,
): void {
  const before = errors.length
  checkAddress(errors, path, address)
  const parsed = parseAddress(address)
  if (errors.length > before || parsed === undefined) return
  const canonical = formatAddress(parsed)
  // Older clients may write IPv4 otherwise.
  if (type === 'IPv6' && canonical !== address)
    return void errors.push(fieldInvalid(path, address, `must be in canonical form (${goQuote(canonical)})`))
  if (isIPv6(address) !== (type === 'IPv6')) errors.push(fieldInvalid(listPath, address, `must be an ${type} address`))
  checkEndpointAddress(errors, address, path)
}

/** False: so many that nothing more is said. */
function checkHints(
  errors: FieldError[],
  hints: readonly { name?: string }[],
  rule: (name: string) => string[],
  path: FieldPath,
): boolean {
  if (hints.length > MAX_HINTS) {
    errors.push(fieldTooMany(path, hints.length, MAX_HINTS))
    return false
  }
  const names = new Set<string>()
  for (const [index, { name = '' }] of hints.entries()) {
    const at = path.index(index).child('name')
    if (names.has(name)) errors.push(fieldDuplicate(at, name))
    names.add(name)
    checkName(errors, at, name, rule)
  }
  return true
}
