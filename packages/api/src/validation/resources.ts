// Requests and limits: names of resources, amounts, and how the two fit together.
import {
  type FieldError,
  type FieldPath,
  Quantity,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Label,
  isQualifiedName,
  parseQuantity,
} from '@keelson/apimachinery'
import type { ResourceList, ResourceRequirements } from '../kinds/core/pod-types.ts'
import { NOT_NEGATIVE, checkName } from './field-checks.ts'

export type ResourceNameRule = (errors: FieldError[], name: string, path: FieldPath) => void

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage'])
const STANDARD_RESOURCES = new Set([
  ...CONTAINER_RESOURCES,
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
])
const INTEGER_RESOURCES = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
/** Names without a domain, and those of Kubernetes itself. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name)
export const isExtendedResource = (name: string): boolean =>
  !isNativeResource(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0
export const isIntegerResource = (name: string): boolean => INTEGER_RESOURCES.has(name) || isExtendedResource(name)
export const isStandardResource = (name: string): boolean =>
  STANDARD_RESOURCES.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')

/** Zero where the text is no quantity: the schema has refused those. */
export function quantityOf(text: string): Quantity {
  try {
    return parseQuantity(text)
  } catch {
    return new Quantity(0n, 'DecimalSI')
  }
}

export function checkResourceName(errors: FieldError[], name: string, path: FieldPath): boolean {
  const before = errors.length
  checkName(errors, path, name, isQualifiedName)
  if (errors.length === before && !name.includes('/') && !isStandardResource(name)) {
    errors.push(fieldInvalid(path, name, 'must be a standard resource type or fully qualified'))
  }
  return errors.length === before
}

export const checkContainerResourceName: ResourceNameRule = (errors, name, path) => {
  checkResourceName(errors, name, path)
  if (!name.includes('/')) {
    if (!CONTAINER_RESOURCES.has(name) && !isHugePages(name)) {
      errors.push(fieldInvalid(path, name, 'must be a standard resource for containers'))
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(fieldInvalid(path, name, "doesn't follow extended resource name standard"))
  }
}

export const checkPodResourceName: ResourceNameRule = (errors, name, path) => {
  if (checkResourceName(errors, name, path) && name !== 'cpu' && name !== 'memory' && !isHugePages(name)) {
    errors.push(fieldNotSupported(path, name, ['cpu', 'hugepages-', 'memory']))
  }
}

/** Not negative, and without a fraction where the resource is counted. */
export function checkQuantity(errors: FieldError[], name: string, text: string, path: FieldPath): void {
  const quantity = quantityOf(text)
  if (quantity.sign < 0) errors.push(fieldInvalid(path, quantity.toString(), NOT_NEGATIVE))
  // Upstream counts in thousandths of 64 bits, so big numbers wrap.
  if (isIntegerResource(name) && BigInt.asIntN(64, quantity.milliValue()) % 1000n !== 0n) {
    errors.push(fieldInvalid(path, quantity.toString(), 'must be an integer'))
  }
}

export function checkResources(
  errors: FieldError[],
  resources: ResourceRequirements | undefined,
  path: FieldPath,
  checkResource: ResourceNameRule,
  claimNames: readonly string[],
): void {
  if (resources === undefined) return
  const { limits = {}, requests = {}, claims } = resources
  checkList(errors, limits, path, 'limits', checkResource)
  checkList(errors, requests, path, 'requests', checkResource, limits)
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(fieldForbidden(path, 'HugePages require cpu or memory'))
  }
  if (claims !== undefined) checkClaims(errors, claims, claimNames, path.child('claims'))
}

function checkList(
  errors: FieldError[],
  list: ResourceList,
  path: FieldPath,
  part: 'limits' | 'requests',
  checkResource: ResourceNameRule,
  limits?: ResourceList,
): void {
  for (const name in list) {
    const text = list[name] ?? '0'
    // The usual resources with the usual amounts need no look at their text.
    if (!(CONTAINER_RESOURCES.has(name) && !text.startsWith('-'))) {
      const at = path.child(part).key(name)
      checkResource(errors, name, at)
      checkQuantity(errors, name, text, at)
      if (isHugePages(name) && !isMultipleOfPage(name, text)) {
        errors.push(fieldInvalid(at, text, `${text} is not positive integer multiple of ${name}`))
      }
    }
    if (limits !== undefined && limits[name] !== text) checkAgainstLimit(errors, name, text, limits[name], path)
  }
}

function checkAgainstLimit(
  errors: FieldError[],
  name: string,
  request: string,
  limit: string | undefined,
  path: FieldPath,
): void {
  if (limit === undefined) {
    if (!isOvercommitAllowed(name)) {
      errors.push(fieldRequired(path.child('limits'), 'Limit must be set for non overcommitable resources'))
    }
    return
  }
  const difference = quantityOf(request).compare(quantityOf(limit))
  if (difference !== 0 && !isOvercommitAllowed(name)) {
    errors.push(fieldInvalid(path.child('requests'), request, `must be equal to ${name} limit of ${limit}`))
  } else if (difference > 0) {
    errors.push(
      fieldInvalid(path.child('requests'), request, `must be less than or equal to ${name} limit of ${limit}`),
    )
  }
}

function isMultipleOfPage(name: string, text: string): boolean {
  const page = quantityOf(name.slice('hugepages-'.length))
  return page.sign > 0 && page.isInteger && quantityOf(text).value() % page.value() === 0n
}

function checkClaims(
  errors: FieldError[],
  claims: readonly { name?: string; request?: string }[],
  known: readonly string[],
  path: FieldPath,
): void {
  const seen = new Set<string>()
  for (const [index, { name, request }] of claims.entries()) {
    const at = path.index(index)
    if (!name) {
      errors.push(fieldRequired(at, ''))
      continue
    }
    if (request && !seen.has(name)) checkName(errors, at.child('request'), request, isDNS1123Label)
    const key = request ? `${name}/${request}` : name
    if (seen.has(name) || seen.has(key)) errors.push(fieldDuplicate(at, seen.has(name) ? name : key))
    else if (!request && [...seen].some((other) => other.startsWith(`${name}/`))) errors.push(fieldDuplicate(at, name))
    seen.add(key)
    if (known.includes(name)) continue
    const names = known.length === 0 ? ' which is empty' : `: ${known.toSorted().join(', ')}`
    errors.push({ ...fieldNotFound(at, name), detail: `must be one of the names in pod.spec.resourceClaims${names}` })
  }
}
