// What a LimitRange and a ResourceQuota may say about resources.
import {
  type FieldError,
  type FieldPath,
  type JsonValue,
  type Quantity,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  isQualifiedName,
  parseQuantity,
  rootPath,
} from '@keelson/apimachinery'
import type { LimitRange, LimitRangeItem, ResourceQuota } from '../kinds/core/quota-types.ts'
import type { ResourceList } from '../kinds/core/pod-types.ts'
import { emptiedField } from '../schema/emptied.ts'
import { FIELD_IS_IMMUTABLE, checkName, semanticallyEqual } from './field-checks.ts'
import {
  checkContainerResourceName,
  checkQuantity,
  checkResourceName,
  isOvercommitAllowed,
  isStandardResource,
  quantityOf,
} from './resources.ts'

const specPath = rootPath.child('spec')
const LIMIT_TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']
const POD_COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const CLAIMS = ['persistentvolumeclaims', 'requests.storage']
const POD_SCOPES = ['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity']
const SCOPES = [...POD_SCOPES, 'BestEffort', 'VolumeAttributesClass']
const BARE_SCOPES = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const
const BARE_SCOPE_ADVICE =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
const ONE = parseQuantity('1')

export function validateLimitRange({ spec = {} }: LimitRange): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, limit] of (spec.limits ?? []).entries()) {
    const path = specPath.child('limits').index(index)
    const type = limit.type ?? ''
    const before = errors.length
    checkName(errors, path.child('type'), type, isQualifiedName)
    if (errors.length === before && !type.includes('/') && !LIMIT_TYPES.includes(type)) {
      errors.push(fieldInvalid(path.child('type'), type, 'must be a standard limit type or fully qualified'))
    }
    if (seen.has(type)) errors.push(fieldDuplicate(path.child('type'), type))
    seen.add(type)
    checkLimitNames(errors, limit, path)
    if (type === 'PersistentVolumeClaim' && !limit.min?.['storage'] && !limit.max?.['storage']) {
      const detail = 'either minimum or maximum storage value is required, but neither was provided'
      errors.push(fieldRequired(path.child('limits'), detail))
    }
    checkLimitAmounts(errors, limit, path)
  }
  return errors
}

function checkLimitNames(errors: FieldError[], limit: LimitRangeItem, path: FieldPath): void {
  const isCompute = limit.type === 'Pod' || limit.type === 'Container'
  const checkNames = (field: 'max' | 'min' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio'): void => {
    for (const name in limit[field]) {
      const at = path.child(field).key(name)
      if (isCompute) checkContainerResourceName(errors, name, at)
      else checkResourceName(errors, name, at)
    }
  }
  checkNames('max')
  checkNames('min')
  for (const field of ['default', 'defaultRequest'] as const) {
    if (limit.type !== 'Pod') checkNames(field)
    else if (Object.keys(limit[field] ?? {}).length > 0) {
      errors.push(fieldForbidden(path.child(field), "may not be specified when `type` is 'Pod'"))
    }
  }
  checkNames('maxLimitRequestRatio')
}

/** From the least to the most: min, default request, default, max. */
function checkLimitAmounts(errors: FieldError[], limit: LimitRangeItem, path: FieldPath): void {
  const amount = (list: ResourceList | undefined, name: string): Quantity | undefined =>
    list?.[name] === undefined ? undefined : quantityOf(list[name])
  // Defaults of a Pod are refused above, and looked at no further.
  const standards = limit.type === 'Pod' ? undefined : limit.default
  const requests = limit.type === 'Pod' ? undefined : limit.defaultRequest
  const names = new Set([limit.max, limit.min, standards, requests, limit.maxLimitRequestRatio].flatMap(keysOf))
  for (const name of names) {
    const [min, max] = [amount(limit.min, name), amount(limit.max, name)]
    const [standard, request] = [amount(standards, name), amount(requests, name)]
    const refuse = (field: string, value: Quantity, detail: string): void =>
      void errors.push(fieldInvalid(path.child(field).key(name), value.toString(), detail))
    const isAbove = (left: Quantity | undefined, right: Quantity | undefined): boolean =>
      left !== undefined && right !== undefined && left.compare(right) > 0
    if (min && max && isAbove(min, max)) refuse('min', min, `min value ${min} is greater than max value ${max}`)
    if (min && request && isAbove(min, request))
      refuse('defaultRequest', request, `min value ${min} is greater than default request value ${request}`)
    if (request && max && isAbove(request, max))
      refuse('defaultRequest', request, `default request value ${request} is greater than max value ${max}`)
    if (request && standard && isAbove(request, standard)) {
      refuse(
        'defaultRequest',
        request,
        `default request value ${request} is greater than default limit value ${standard}`,
      )
    }
    if (min && standard && isAbove(min, standard))
      refuse('default', min, `min value ${min} is greater than default value ${standard}`)
    if (standard && max && isAbove(standard, max))
      refuse('default', max, `default value ${standard} is greater than max value ${max}`)
    const ratio = amount(limit.maxLimitRequestRatio, name)
    if (ratio !== undefined) checkRatio(ratio, min, max, (detail) => refuse('maxLimitRequestRatio', ratio, detail))
    if (standard && request && !isOvercommitAllowed(name) && standard.compare(request) !== 0) {
      const detail = `default value ${standard} must equal to defaultRequest value ${request} in ${name}`
      refuse('defaultRequest', request, detail)
    }
  }
}

const keysOf = (list: ResourceList | undefined): string[] => Object.keys(list ?? {})

function checkRatio(
  ratio: Quantity,
  min: Quantity | undefined,
  max: Quantity | undefined,
  refuse: (detail: string) => void,
): void {
  if (ratio.compare(ONE) < 0) refuse(`ratio ${ratio} is less than 1`)
  if (min === undefined || max === undefined) return
  const limit = Number(max.milliValue()) / Number(min.milliValue())
  if (Number(ratio.milliValue()) / 1000 > limit) {
    refuse(`ratio ${ratio} is greater than max/min = ${Number.isFinite(limit) ? limit.toFixed(6) : '+Inf'}`)
  }
}

export function validateResourceQuota({ spec = {} }: ResourceQuota): FieldError[] {
  const errors: FieldError[] = []
  checkAmounts(errors, spec.hard, specPath.child('hard'))
  const names = Object.keys(spec.hard ?? {})
  const scopes = spec.scopes ?? []
  const refuseScopes = (detail: string): void =>
    void errors.push(fieldInvalid(specPath.child('scopes'), scopes, detail))
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) refuseScopes('unsupported scope')
    for (const _ of names.filter((name) => !fitsScope(name, scope)))
      refuseScopes('unsupported scope applied to resource')
  }
  for (const pair of CONFLICTS) if (pair.every((scope) => scopes.includes(scope))) refuseScopes('conflicting scopes')
  if (spec.scopeSelector !== undefined) checkScopeSelector(errors, spec, names)
  return errors
}

export function validateResourceQuotaUpdate(next: ResourceQuota, old: ResourceQuota): FieldError[] {
  const errors = validateResourceQuota(next)
  const scopes = next.spec?.scopes ?? []
  if (!semanticallyEqual([...new Set(scopes)].toSorted(), [...new Set(old.spec?.scopes ?? [])].toSorted())) {
    const shown = next.spec?.scopes ?? emptiedField(next.spec, 'scopes')
    errors.push(fieldInvalid(specPath.child('scopes'), shown, FIELD_IS_IMMUTABLE))
  }
  return errors
}

export function validateResourceQuotaStatus({ status = {} }: ResourceQuota): FieldError[] {
  const errors: FieldError[] = []
  for (const list of ['hard', 'used'] as const) checkAmounts(errors, status[list], rootPath.child('status', list))
  return errors
}

function checkAmounts(errors: FieldError[], amounts: ResourceList | undefined, path: FieldPath): void {
  for (const [name, text] of Object.entries(amounts ?? {})) {
    checkResourceName(errors, name, path.key(name))
    if (!name.includes('/') && !isQuotaResource(name)) {
      errors.push(fieldInvalid(path.key(name), name, 'must be a standard resource for quota'))
    }
    checkQuantity(errors, name, text, path.key(name))
  }
}

const isQuotaResource = (name: string): boolean => isStandardResource(name) && name !== 'storage'

/** Names that no quota knows fit everywhere: they are refused for themselves. */
function fitsScope(name: string, scope: string): boolean {
  if (!isQuotaResource(name)) return true
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return CLAIMS.includes(name)
  if (!POD_SCOPES.includes(scope)) return true
  return name === 'pods' || POD_COMPUTE.includes(name)
}

function checkScopeSelector(
  errors: FieldError[],
  spec: NonNullable<ResourceQuota['spec']>,
  names: readonly string[],
): void {
  // Without an index: upstream names the list only.
  const path = specPath.child('scopeSelector', 'matchExpressions')
  const requirements = spec.scopeSelector?.matchExpressions ?? []
  const shown = { MatchExpressions: requirements.map(shownRequirement) }
  for (const { scopeName = '', operator = '', values = [] } of requirements) {
    if (!SCOPES.includes(scopeName)) errors.push(fieldInvalid(path.child('scopeName'), scopeName, 'unsupported scope'))
    for (const _ of names.filter((name) => !fitsScope(name, scopeName))) {
      errors.push(fieldInvalid(path, shown, 'unsupported scope applied to resource'))
    }
    if (BARE_SCOPES.includes(scopeName) && operator !== 'Exists')
      errors.push(fieldInvalid(path.child('operator'), operator, BARE_SCOPE_ADVICE))
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length > 0) continue
      const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
      errors.push(fieldRequired(path.child('values'), detail))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length === 0) continue
      const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
      errors.push(fieldInvalid(path.child('values'), values, detail))
    } else errors.push(fieldInvalid(path.child('operator'), operator, 'not a valid selector operator'))
  }
  for (const pair of CONFLICTS) {
    if (pair.every((scope) => requirements.some(({ scopeName }) => scopeName === scope)))
      // Upstream shows the list of bare scopes here.
      errors.push(fieldInvalid(path, spec.scopes ?? null, 'conflicting scopes'))
  }
}

const shownRequirement = (requirement: {
  scopeName?: string
  operator?: string
  values?: string[]
}): { ScopeName: string; Operator: string; Values: JsonValue } => ({
  ScopeName: requirement.scopeName ?? '',
  Operator: requirement.operator ?? '',
  Values: requirement.values ?? emptiedField(requirement, 'values'),
})
