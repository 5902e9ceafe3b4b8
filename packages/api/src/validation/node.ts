// What a Node may say of itself, and what of it may change.
import {
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInternal,
  fieldInvalid,
  goQuote,
  rootPath,
} from '@keelson/apimachinery'
import type { Node } from '../kinds/core/node.ts'
import { checkRange, parseRange } from './ip-address.ts'
import { checkQuantity } from './resources.ts'
import { checkTaints } from './tolerations.ts'

const specPath = rootPath.child('spec')
const statusPath = rootPath.child('status')
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/

export function validateNode(node: Node): FieldError[] {
  const errors: FieldError[] = []
  // Upstream looks for taints in the metadata, where they once were.
  checkTaints(errors, node.spec?.taints ?? [], rootPath.child('metadata', 'taints'))
  checkResources(errors, node)
  checkSwap(errors, node.status?.nodeInfo)
  checkFeatures(errors, node.status?.declaredFeatures ?? [])
  const ranges = node.spec?.podCIDRs ?? []
  for (const [index, range] of ranges.entries()) checkRange(errors, specPath.child('podCIDRs').index(index), range)
  if (ranges.length > 1) checkFamilies(errors, ranges)
  return errors
}

function checkFamilies(errors: FieldError[], ranges: readonly string[]): void {
  const path = specPath.child('podCIDRs')
  const families = ranges.map((range) => parseRange(range)?.address.family)
  const unreadable = families.indexOf(undefined)
  if (unreadable >= 0) {
    const why = `invalid CIDR[${unreadable}]: <nil> (invalid CIDR address: ${ranges[unreadable]})`
    errors.push(fieldInternal(path, `invalid PodCIDRs. failed to check with dual stack with error:${why}`))
  }
  if (unreadable >= 0 || ranges.length > 2 || new Set(families).size < 2)
    errors.push(fieldInvalid(path, ranges, 'may specify no more than one CIDR for each IP family'))
}

export function validateNodeUpdate(next: Node, old: Node): FieldError[] {
  const errors: FieldError[] = []
  const spec = next.spec ?? {}
  const before = old.spec ?? {}
  checkResources(errors, next)
  checkFeatures(errors, next.status?.declaredFeatures ?? [])
  const seen = new Set<string>()
  for (const [index, { type = '', address = '' }] of (next.status?.addresses ?? []).entries()) {
    const key = `${type}/${address}`
    if (seen.has(key))
      errors.push(fieldDuplicate(statusPath.child('addresses').index(index), { Type: type, Address: address }))
    seen.add(key)
  }
  const oldRanges = before.podCIDRs ?? []
  const ranges = spec.podCIDRs ?? []
  const refuseRange = (): void =>
    void errors.push(
      fieldForbidden(specPath.child('podCIDRs'), 'node updates may not change podCIDR except from "" to valid'),
    )
  if (oldRanges.length > 0 && oldRanges.length !== ranges.length) refuseRange()
  else for (const [index, range] of oldRanges.entries()) if (range !== ranges[index]) refuseRange()
  if (before.providerID && before.providerID !== spec.providerID) {
    errors.push(
      fieldForbidden(specPath.child('providerID'), 'node updates may not change providerID except from "" to valid'),
    )
  }
  checkTaints(errors, spec.taints ?? [], rootPath.child('metadata', 'taints'))
  if ((spec.externalID ?? '') !== (before.externalID ?? '')) {
    errors.push(fieldForbidden(specPath.child('externalID'), 'may not be updated'))
  }
  return errors
}

function checkResources(errors: FieldError[], { status = {} }: Node): void {
  for (const list of ['capacity', 'allocatable'] as const) {
    for (const [name, text] of Object.entries(status[list] ?? {}))
      checkQuantity(errors, name, text, statusPath.child(list, name))
  }
}

/** Where it is looked for is not where it stands. */
function checkSwap(errors: FieldError[], nodeInfo: { swap?: unknown } | undefined): void {
  const swap = nodeInfo?.swap as { capacity?: number } | undefined // The schema has checked it.
  if (swap?.capacity !== undefined && swap.capacity <= 0)
    errors.push(fieldInvalid('metadata.nodeSwapStatus.capacity', swap.capacity, 'must be greater than zero'))
}

function checkFeatures(errors: FieldError[], features: readonly string[]): void {
  const at = (index: number) => statusPath.child('declaredFeatures').index(index)
  for (const [index, feature] of features.entries()) {
    if (feature.length > 253 || !FEATURE.test(feature)) {
      const rule =
        feature.length > 253
          ? 'must be no more than 253 characters'
          : "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
      errors.push(fieldInvalid(at(index), feature, `invalid feature name ${goQuote(feature)}: ${rule}`))
    }
    const next = features[index + 1]
    if (next === undefined) continue
    if (feature === next) errors.push(fieldDuplicate(at(index + 1), next))
    else if (feature > next) errors.push(fieldInvalid(at(index + 1), next, 'list must be sorted alphabetically'))
  }
}
