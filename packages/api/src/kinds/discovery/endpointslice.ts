// EndpointSlice: some of the addresses behind a service.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { validateEndpointSlice } from '../../validation/endpoint-slice.ts'
import { UNSET, age } from '../row.ts'
import type { EndpointSlice } from './endpointslice-types.ts'

// The schema has checked the types of what all these functions get.
const asSlice = (object: KubeObject): EndpointSlice => object as EndpointSlice
const SHOWN = 3

export const endpointSliceStrategy: KindStrategy = {
  default(object) {
    for (const port of asSlice(object).ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  validate: (object) => validateEndpointSlice(asSlice(object)),
  validateUpdate: (next, old) => validateEndpointSlice(asSlice(next), asSlice(old)),
  warnings: (next, old) =>
    old === undefined && asSlice(next).addressType === 'FQDN'
      ? ['spec.addressType: FQDN endpoints are deprecated']
      : [],
  hasGeneration: true,
  row(object, now) {
    const { metadata, addressType = '', ports, endpoints } = asSlice(object)
    return [
      metadata.name ?? '',
      addressType,
      listCell((ports ?? []).map(({ port, name }) => (port === undefined ? (name ?? '*') : String(port)))),
      listCell((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
      age(object, now),
    ]
  },
}

function listCell(texts: readonly string[]): string {
  const shown = texts.slice(0, SHOWN).join(',')
  if (texts.length > SHOWN) return `${shown} + ${texts.length - SHOWN} more...`
  return shown || UNSET
}
