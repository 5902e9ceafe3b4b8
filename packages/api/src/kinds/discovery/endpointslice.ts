// EndpointSlice: some of the addresses behind a service.
import { type KubeObject, isDNS1123Subdomain } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { validateEndpointSlice } from '../../validation/endpoint-slice.ts'
import { semanticallyEqual } from '../../validation/field-checks.ts'
import { UNSET, age } from '../row.ts'
import type { EndpointSlice } from './endpointslice-types.ts'

// The schema has checked the types of what all these functions get.
const asSlice = (object: KubeObject): EndpointSlice => object as EndpointSlice
const SHOWN = 3
const HOSTNAME = 'kubernetes.io/hostname'

export const endpointSliceStrategy: KindStrategy = {
  default(object) {
    for (const port of asSlice(object).ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  prepareForCreate(object) {
    object.metadata.generation = 1
    dropTopology(asSlice(object), undefined)
  },
  /** Labels count too: they say which slices belong together. */
  prepareForUpdate(next, old) {
    const isSame =
      ['addressType', 'endpoints', 'ports'].every((field) => semanticallyEqual(next[field], old[field])) &&
      semanticallyEqual(next.metadata.labels, old.metadata.labels)
    const { generation = 0 } = old.metadata
    next.metadata.generation = isSame ? generation : generation + 1
    dropTopology(asSlice(next), asSlice(old))
  },
  validate: (object) => validateEndpointSlice(asSlice(object)),
  validateUpdate: (next, old) => validateEndpointSlice(asSlice(next), asSlice(old)),
  warnings: (next, old) =>
    old === undefined && asSlice(next).addressType === 'FQDN'
      ? ['spec.addressType: FQDN endpoints are deprecated']
      : [],
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

/** A field of v1beta1. Its node's name moves where it is now, if the slice had it there before. */
function dropTopology(next: EndpointSlice, old: EndpointSlice | undefined): void {
  if (old !== undefined && semanticallyEqual(next.endpoints, old.endpoints)) return
  const known = (old?.endpoints ?? []).map(({ deprecatedTopology }) => deprecatedTopology?.[HOSTNAME])
  for (const endpoint of next.endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[HOSTNAME]
    if (node && endpoint.nodeName === undefined && known.includes(node) && isDNS1123Subdomain(node).length === 0)
      endpoint.nodeName = node
    delete endpoint.deprecatedTopology
  }
}

function listCell(texts: readonly string[]): string {
  const shown = texts.slice(0, SHOWN).join(',')
  if (texts.length > SHOWN) return `${shown} + ${texts.length - SHOWN} more...`
  return shown || UNSET
}
