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
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import type { Endpoint, EndpointSlice } from '../kinds/discovery/endpointslice-types.ts'
import { checkEndpointAddress } from './endpoint-address.ts'
import { checkImmutable, checkName } from './field-checks.ts'
import { checkAddress, formatAddress, isIPv6, parseAddress } from './ip-address.ts'
import { checkProtocol } from './ports.ts'

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
  const validBefore = (old?.endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])
  const endpointsPath = rootPath.child('endpoints')
  if ((endpoints ?? []).length > MAX_ENDPOINTS) {
    errors.push(fieldTooMany(endpointsPath, (endpoints ?? []).length, MAX_ENDPOINTS))
  } else {
    for (const [index, endpoint] of (endpoints ?? []).entries())
      checkEndpoint(errors, endpoint, addressType, validBefore, endpointsPath.index(index))
  }
  if (old !== undefined) checkImmutable(errors, addressType, old.addressType ?? '', path)
  return errors
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
    checkProtocol(errors, protocol, at.child('protocol'))
    if (appProtocol !== undefined) checkName(errors, at.child('appProtocol'), appProtocol, isQualifiedName)
  }
}

function checkEndpoint(
  errors: FieldError[],
  { addresses, nodeName, hostname, hints }: Endpoint,
  type: string,
  validBefore: readonly string[],
  path: FieldPath,
): void {
  const list = addresses ?? []
  const addressesPath = path.child('addresses')
  if (list.length === 0) errors.push(fieldRequired(addressesPath, 'must contain at least 1 address'))
  else if (list.length > MAX_ADDRESSES) errors.push(fieldTooMany(addressesPath, list.length, MAX_ADDRESSES))
  for (const [index, address] of list.entries()) {
    const at = addressesPath.index(index)
    if (type === 'FQDN') checkName(errors, at, address, isFullyQualifiedDomainName)
    else if ((type === 'IPv4' || type === 'IPv6') && !validBefore.includes(address)) {
      checkSliceAddress(errors, address, type, addressesPath, at)
    }
  }
  if (nodeName !== undefined) checkName(errors, path.child('nodeName'), nodeName, isDNS1123Subdomain)
  if (hostname !== undefined) checkName(errors, path.child('hostname'), hostname, isDNS1123Label)
  checkHints(errors, hints?.forZones ?? [], path.child('hints', 'forZones'))
  const nodes = hints?.forNodes ?? []
  checkHints(errors, nodes, path.child('hints', 'forNodes'))
  for (const [index, { name = '' }] of nodes.entries())
    checkName(errors, path.child('hints', 'forNodes').index(index).child('name'), name, isDNS1123Subdomain)
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
  if (canonical !== address)
    return void errors.push(fieldInvalid(path, address, `must be in canonical form (${goQuote(canonical)})`))
  if (isIPv6(address) !== (type === 'IPv6')) errors.push(fieldInvalid(listPath, address, `must be an ${type} address`))
  checkEndpointAddress(errors, address, path)
}

function checkHints(errors: FieldError[], hints: readonly { name?: string }[], path: FieldPath): void {
  if (hints.length > MAX_HINTS) return void errors.push(fieldTooMany(path, hints.length, MAX_HINTS))
  const names = new Set<string>()
  for (const [index, { name = '' }] of hints.entries()) {
    if (names.has(name)) errors.push(fieldDuplicate(path.index(index).child('name'), name))
    names.add(name)
  }
}
