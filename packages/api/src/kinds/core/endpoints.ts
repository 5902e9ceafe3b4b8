// Endpoints: the addresses behind a service, in one object.
import {
  type FieldError,
  type KubeObject,
  fieldRequired,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkEndpointAddress } from '../../validation/endpoint-address.ts'
import { checkName } from '../../validation/field-checks.ts'
import { checkAddress } from '../../validation/ip-address.ts'
import { checkPortNumber, checkProtocol } from '../../validation/ports.ts'
import { NONE, age } from '../row.ts'

interface EndpointAddress {
  ip?: string
  hostname?: string
  nodeName?: string
}

interface Endpoints extends KubeObject {
  subsets?: {
    addresses?: EndpointAddress[]
    notReadyAddresses?: EndpointAddress[]
    ports?: { name?: string; port?: number; protocol?: string; appProtocol?: string }[]
  }[]
}

// The schema has checked the types of what all these functions get.
const asEndpoints = (object: KubeObject): Endpoints => object as Endpoints
const SHOWN = 3

export const endpointsStrategy: KindStrategy = {
  default(object) {
    for (const { ports = [] } of asEndpoints(object).subsets ?? []) for (const port of ports) port.protocol ||= 'TCP'
  },
  validate: (object) => validateEndpoints(asEndpoints(object)),
  validateUpdate: (next, old) => validateEndpoints(asEndpoints(next), asEndpoints(old)),
  allowCreateOnUpdate: true,
  row: (object, now) => [object.metadata.name ?? '', addressesCell(asEndpoints(object)), age(object, now)],
}

function validateEndpoints({ subsets = [] }: Endpoints, old?: Endpoints): FieldError[] {
  const errors: FieldError[] = []
  const validBefore = (old?.subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [] }) =>
    [...addresses, ...notReadyAddresses].map(({ ip = '' }) => ip),
  )
  for (const [index, { addresses = [], notReadyAddresses = [], ports = [] }] of subsets.entries()) {
    const path = rootPath.child('subsets').index(index)
    if (addresses.length + notReadyAddresses.length === 0) {
      errors.push(fieldRequired(path, 'must specify `addresses` or `notReadyAddresses`'))
    }
    for (const [list, items] of [
      ['addresses', addresses],
      ['notReadyAddresses', notReadyAddresses],
    ] as const) {
      for (const [itemIndex, { ip = '', hostname, nodeName }] of items.entries()) {
        const at = path.child(list).index(itemIndex)
        checkAddress(errors, at.child('ip'), ip, validBefore)
        if (hostname) checkName(errors, at.child('hostname'), hostname, isDNS1123Label)
        if (nodeName !== undefined) checkName(errors, at.child('nodeName'), nodeName, isDNS1123Subdomain)
        checkEndpointAddress(errors, ip, at.child('ip'))
      }
    }
    for (const [portIndex, { name, port = 0, protocol, appProtocol }] of ports.entries()) {
      const at = path.child('ports').index(portIndex)
      if (ports.length > 1 && !name) errors.push(fieldRequired(at.child('name'), ''))
      else if (name) checkName(errors, at.child('name'), name, isDNS1123Label)
      checkPortNumber(errors, port, at.child('port'))
      checkProtocol(errors, protocol, at.child('protocol'))
      if (appProtocol !== undefined) checkName(errors, at.child('appProtocol'), appProtocol, isQualifiedName)
    }
  }
  return errors
}

/** The first three addresses with their ports, and how many more there are. */
function addressesCell({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return NONE
  const texts = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip = '' }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip = '' }) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`)),
  )
  const shown = texts.slice(0, SHOWN).join(',')
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown
}
