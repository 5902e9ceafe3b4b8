// Where a pod wants to be: near which nodes and pods, and far from which.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  isDNS1123Label,
  isDNS1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '@keelson/apimachinery'
import type {
  Affinity,
  LabelSelectorObject,
  NodeSelector,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../kinds/core/pod-types.ts'
import { checkName } from './field-checks.ts'
import { checkLabelSelector } from './labels.ts'

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'
const WEIGHT_RANGE = 'must be in the range 1-100'

export function checkAffinity(errors: FieldError[], affinity: Affinity, path: FieldPath): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  if (nodeAffinity !== undefined) {
    const at = path.child('nodeAffinity')
    if (nodeAffinity[REQUIRED] !== undefined) checkNodeSelector(errors, nodeAffinity[REQUIRED], at.child(REQUIRED))
    for (const [index, { weight = 0, preference = {} }] of (nodeAffinity[PREFERRED] ?? []).entries()) {
      const term = at.child(PREFERRED).index(index)
      checkWeight(errors, weight, term)
      checkNodeSelectorTerm(errors, preference, term.child('preference'), false)
    }
  }
  if (podAffinity !== undefined) checkPodAffinity(errors, podAffinity, path.child('podAffinity'))
  if (podAntiAffinity !== undefined) checkPodAffinity(errors, podAntiAffinity, path.child('podAntiAffinity'))
}

export function checkNodeSelector(errors: FieldError[], selector: NodeSelector, path: FieldPath): void {
  const at = path.child('nodeSelectorTerms')
  const nodeSelectorTerms = selector.nodeSelectorTerms ?? []
  if (nodeSelectorTerms.length === 0) errors.push(fieldRequired(at, 'must have at least one node selector term'))
  for (const [index, term] of nodeSelectorTerms.entries()) checkNodeSelectorTerm(errors, term, at.index(index), true)
}

/** `strict`: values must be valid label values; a preference with others simply never fits. */
function checkNodeSelectorTerm(errors: FieldError[], term: NodeSelectorTerm, path: FieldPath, strict: boolean): void {
  for (const [index, { key = '', operator = '', values = [] }] of (term.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(index)
    checkExpressionValues(errors, operator, values, at)
    checkName(errors, at.child('key'), key, isQualifiedName)
    for (const [valueIndex, value] of strict ? values.entries() : []) {
      checkName(errors, at.child('values').index(valueIndex), value, isLabelValue)
    }
  }
  for (const [index, { key = '', operator = '', values = [] }] of (term.matchFields ?? []).entries()) {
    const at = path.child('matchFields').index(index)
    if (operator !== 'In' && operator !== 'NotIn') {
      errors.push(fieldInvalid(at.child('operator'), operator, 'not a valid selector operator'))
    } else if (values.length !== 1) {
      const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
      errors.push(fieldRequired(at.child('values'), detail))
    }
    if (key !== 'metadata.name') errors.push(fieldInvalid(at.child('key'), key, 'not a valid field selector key'))
    else
      for (const [valueIndex, value] of values.entries())
        checkName(errors, at.child('values').index(valueIndex), value, isDNS1123Subdomain)
  }
}

function checkExpressionValues(
  errors: FieldError[],
  operator: string,
  values: readonly string[],
  path: FieldPath,
): void {
  const at = path.child('values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(fieldRequired(at, "must be specified when `operator` is 'In' or 'NotIn'"))
      return
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(fieldForbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      return
    case 'Gt':
    case 'Lt':
      if (values.length !== 1)
        errors.push(fieldRequired(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      return
    default:
      errors.push(fieldInvalid(path.child('operator'), operator, 'not a valid selector operator'))
  }
}

function checkWeight(errors: FieldError[], weight: number, path: FieldPath): void {
  if (weight <= 0 || weight > 100) errors.push(fieldInvalid(path.child('weight'), weight, WEIGHT_RANGE))
}

function checkPodAffinity(errors: FieldError[], affinity: PodAffinity, path: FieldPath): void {
  for (const [index, term] of (affinity[REQUIRED] ?? []).entries())
    checkTerm(errors, term, path.child(REQUIRED).index(index))
  for (const [index, { weight = 0, podAffinityTerm = {} }] of (affinity[PREFERRED] ?? []).entries()) {
    const at = path.child(PREFERRED).index(index)
    checkWeight(errors, weight, at)
    checkTerm(errors, podAffinityTerm, at.child('podAffinityTerm'))
  }
}

function checkTerm(errors: FieldError[], term: PodAffinityTerm, path: FieldPath): void {
  const {
    labelSelector,
    namespaceSelector,
    namespaces = [],
    matchLabelKeys = [],
    mismatchLabelKeys = [],
    topologyKey = '',
  } = term
  checkLabelSelector(errors, labelSelector, path.child('labelSelector'))
  checkLabelSelector(errors, namespaceSelector, path.child('namespaceSelector'))
  for (const name of namespaces) checkName(errors, path.child('namespace'), name, isDNS1123Label)
  checkMatchLabelKeys(errors, matchLabelKeys, mismatchLabelKeys, labelSelector, path)
  if (topologyKey === '') errors.push(fieldRequired(path.child('topologyKey'), 'can not be empty'))
  checkName(errors, path.child('topologyKey'), topologyKey, isQualifiedName)
}

/** Keys whose values come from the pod itself; the selectors made of them are already in `selector`. */
export function checkMatchLabelKeys(
  errors: FieldError[],
  matchKeys: readonly string[],
  mismatchKeys: readonly string[],
  selector: LabelSelectorObject | undefined,
  path: FieldPath,
): void {
  if (matchKeys.length === 0 && mismatchKeys.length === 0) return
  checkKeys(errors, matchKeys, selector, path.child('matchLabelKeys'))
  checkKeys(errors, mismatchKeys, selector, path.child('mismatchLabelKeys'))
  if (selector !== undefined) {
    const seen = new Set(Object.keys(selector.matchLabels ?? {}))
    for (const { key = '' } of selector.matchExpressions ?? []) {
      const index = matchKeys.lastIndexOf(key)
      if (index >= 0 && seen.has(key))
        errors.push(fieldInvalid(path.index(index), key, 'exists in both matchLabelKeys and labelSelector'))
      seen.add(key)
    }
  }
  for (const [index, key] of matchKeys.entries()) {
    if (!mismatchKeys.includes(key)) continue
    errors.push(
      fieldInvalid(
        path.child('matchLabelKeys').index(index),
        key,
        'exists in both matchLabelKeys and mismatchLabelKeys',
      ),
    )
  }
}

function checkKeys(
  errors: FieldError[],
  keys: readonly string[],
  selector: LabelSelectorObject | undefined,
  path: FieldPath,
): void {
  if (keys.length === 0) return
  if (selector === undefined)
    return void errors.push(fieldForbidden(path, 'must not be specified when labelSelector is not set'))
  for (const [index, key] of keys.entries()) checkName(errors, path.index(index), key, isQualifiedName)
}
