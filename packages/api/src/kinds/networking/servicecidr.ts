// ServiceCIDR and IPAddress: the ranges of service addresses, and those that are taken.
import {
  type FieldError,
  type KubeObject,
  fieldInvalid,
  fieldRequired,
  isDNS1123Subdomain,
  nameIsPathSegment,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { emptiedField } from '../../schema/emptied.ts'
import { FIELD_IS_IMMUTABLE, checkName, semanticallyEqual } from '../../validation/field-checks.ts'
import { checkCanonicalRange, formatAddress, parseAddress, parseRange } from '../../validation/ip-address.ts'
import { NONE, age } from '../row.ts'
import { keepMetadata } from '../status-metadata.ts'

interface ServiceCidr extends KubeObject {
  spec?: { cidrs?: string[] | null }
}

interface IPAddress extends KubeObject {
  spec?: { parentRef?: { group?: string; resource?: string; namespace?: string; name?: string } | null }
}

const cidrsPath = rootPath.child('spec', 'cidrs')
const parentPath = rootPath.child('spec', 'parentRef')

export const serviceCidrStrategy: KindStrategy = {
  prepareForCreate(object) {
    object['status'] = {}
  },
  // The schema has checked the types.
  validate: (object) => validateCidrs(object as ServiceCidr),
  validateUpdate: (next, old) => validateCidrsUpdate(next as ServiceCidr, old as ServiceCidr),
  prepareForStatusUpdate: keepMetadata,
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
  // Upstream shows its own type of the spec.
  if (ranges.length > 2) return [fieldInvalid(cidrsPath, { CIDRs: ranges }, 'may only hold up to 2 values')]
  const errors: FieldError[] = []
  for (const [index, range] of ranges.entries()) checkCanonicalRange(errors, range, cidrsPath.index(index))
  const [first, second] = ranges.map((range) => parseRange(range)?.address.family)
  if (ranges.length === 2 && first === second && first !== undefined) {
    const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    errors.push(fieldInvalid(cidrsPath, ranges, detail))
  }
  return errors
}

/** A range may be added to one, of the other family; nothing else may change. */
function validateCidrsUpdate(next: ServiceCidr, old: ServiceCidr): FieldError[] {
  const ranges = next.spec?.cidrs ?? []
  const before = old.spec?.cidrs ?? []
  const errors: FieldError[] = []
  const isGrown = before.length === 1 && ranges.length === 2
  if (!isGrown && before.length !== ranges.length) {
    return [fieldInvalid(cidrsPath, next.spec?.cidrs ?? emptiedField(next.spec, 'cidrs'), FIELD_IS_IMMUTABLE)]
  }
  for (const [index, range] of before.entries()) {
    if (range !== ranges[index]) errors.push(fieldInvalid(cidrsPath.index(index), ranges[index], FIELD_IS_IMMUTABLE))
  }
  return isGrown ? [...errors, ...validateCidrs(next)] : errors
}

function validateParent({ spec = {} }: IPAddress): FieldError[] {
  const { parentRef } = spec
  if (!parentRef) return [fieldRequired(parentPath, '')]
  const errors: FieldError[] = []
  const { group = '', resource = '', name = '', namespace = '' } = parentRef
  if (group !== '') checkName(errors, parentPath.child('group'), group, isDNS1123Subdomain)
  if (resource === '') errors.push(fieldRequired(parentPath.child('resource'), ''))
  else checkName(errors, parentPath.child('resource'), resource, isPathSegment)
  if (name === '') errors.push(fieldRequired(parentPath.child('name'), ''))
  else checkName(errors, parentPath.child('name'), name, isPathSegment)
  if (namespace !== '') checkName(errors, parentPath.child('namespace'), namespace, isPathSegment)
  return errors
}

const isPathSegment = (text: string): string[] => nameIsPathSegment(text, false)

export const ipAddressStrategy: KindStrategy = {
  // As above.
  validate: (object) => validateParent(object as IPAddress),
  validateUpdate(next, old) {
    const errors = validateParent(next as IPAddress)
    const { parentRef } = (next as IPAddress).spec ?? {}
    if (!semanticallyEqual(parentRef, (old as IPAddress).spec?.parentRef)) {
      const { group = '', resource = '', namespace = '', name = '' } = parentRef ?? {}
      // Upstream shows its own type.
      const shown = parentRef ? { Group: group, Resource: resource, Namespace: namespace, Name: name } : null
      errors.push(fieldInvalid(parentPath, shown, FIELD_IS_IMMUTABLE))
    }
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
