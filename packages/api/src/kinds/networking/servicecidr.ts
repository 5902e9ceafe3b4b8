// ServiceCIDR and IPAddress: the ranges of service addresses, and those that are taken.
import { type FieldError, type KubeObject, fieldInvalid, fieldRequired, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkImmutable } from '../../validation/field-checks.ts'
import { formatAddress, networkOf, parseAddress, parseRange } from '../../validation/ip-address.ts'
import { NONE, age } from '../row.ts'

interface ServiceCidr extends KubeObject {
  spec?: { cidrs?: string[] | null }
}

interface IPAddress extends KubeObject {
  spec?: { parentRef?: { group?: string; resource?: string; namespace?: string; name?: string } | null }
}

const cidrsPath = rootPath.child('spec', 'cidrs')

export const serviceCidrStrategy: KindStrategy = {
  prepareForCreate(object) {
    object['status'] = {}
  },
  validate: (object) => validateCidrs(object as ServiceCidr), // The schema has checked the types.
  hasStatus: true,
  row: (object, now) => [
    object.metadata.name ?? '',
    ((object as ServiceCidr).spec?.cidrs ?? []).join(','), // As above.
    age(object, now),
  ],
}

function validateCidrs({ spec = {} }: ServiceCidr): FieldError[] {
  const ranges = spec.cidrs ?? []
  if (ranges.length === 0) return [fieldRequired(cidrsPath, 'at least one CIDR required')]
  const errors: FieldError[] = []
  const families = new Set(ranges.map((range) => parseRange(range)?.address.family))
  if (ranges.length > 2 || families.size < ranges.length) {
    errors.push(fieldInvalid(cidrsPath, ranges, 'may only hold up to 2 values, one for each IP family'))
  }
  for (const [index, range] of ranges.entries()) {
    const at = cidrsPath.index(index)
    const parsed = parseRange(range)
    if (parsed === undefined) {
      errors.push(fieldInvalid(at, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'))
      continue
    }
    const canonical = `${formatAddress(networkOf(parsed))}/${parsed.prefixLength}`
    if (formatAddress(parsed.address) !== formatAddress(networkOf(parsed))) {
      errors.push(fieldInvalid(at, range, 'must not have bits set beyond the prefix length'))
    } else if (canonical !== range)
      errors.push(fieldInvalid(at, range, `must be in canonical form (${JSON.stringify(canonical)})`))
  }
  return errors
}

export const ipAddressStrategy: KindStrategy = {
  validateUpdate(next, old) {
    const errors: FieldError[] = []
    const path = rootPath.child('spec', 'parentRef')
    checkImmutable(errors, (next as IPAddress).spec?.parentRef, (old as IPAddress).spec?.parentRef, path) // As above.
    return errors
  },
  validateName(name) {
    const address = parseAddress(name)
    if (address === undefined) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
    const canonical = formatAddress(address)
    return canonical === name ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`]
  },
  /** Upstream sends an age that has no column. */
  row(object, now) {
    const reference = (object as IPAddress).spec?.parentRef // As above.
    if (!reference) return [object.metadata.name ?? '', NONE, age(object, now)]
    const { group, resource = '', namespace, name = '' } = reference
    const kind = (group ? `${resource}.${group}` : resource).toLowerCase()
    return [object.metadata.name ?? '', [kind, ...(namespace ? [namespace] : []), name].join('/'), age(object, now)]
  },
}
