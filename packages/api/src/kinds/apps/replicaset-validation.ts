// What a ReplicaSet must be; the rules of its template are those of Deployments too.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  rootPath,
} from '@keelson/apimachinery'
import { emptiedField } from '../../schema/emptied.ts'
import { NOT_NEGATIVE, checkImmutable, checkNotNegative } from '../../validation/field-checks.ts'
import { checkLabelSelector, isEmptySelector, isUsableSelector, selectorMatches } from '../../validation/labels.ts'
import { checkPodTemplate } from '../../validation/pod-template.ts'
import type { LabelSelectorObject, PodTemplateSpec } from '../core/pod-types.ts'
import type { ReplicaSet } from './workload-types.ts'

const specPath = rootPath.child('spec')

export function validateReplicaSet({ spec = {} }: ReplicaSet): FieldError[] {
  const errors: FieldError[] = []
  checkNotNegative(errors, spec.replicas, specPath, 'replicas')
  checkNotNegative(errors, spec.minReadySeconds, specPath, 'minReadySeconds')
  checkSelectorAndTemplate(errors, spec.selector, spec.template, 'ReplicaSet')
  return errors
}

export function validateReplicaSetUpdate(next: ReplicaSet, old: ReplicaSet): FieldError[] {
  const errors = validateReplicaSet(next)
  checkImmutable(errors, next.spec?.selector, old.spec?.selector, specPath.child('selector'))
  return errors
}

/** `owner` is the kind whose name stands in the message of what only its pods may not have. */
export function checkSelectorAndTemplate(
  errors: FieldError[],
  selector: LabelSelectorObject | null | undefined,
  template: PodTemplateSpec | undefined,
  owner: string,
): void {
  const path = specPath.child('selector')
  // The API always shows the field: null where there is none.
  if (selector === undefined || selector === null) errors.push(fieldRequired(path, ''))
  else {
    checkLabelSelector(errors, selector, path)
    if (isEmptySelector(selector)) errors.push(fieldInvalid(path, selector, 'empty selector is invalid for deployment'))
    if (!isUsableSelector(selector)) {
      errors.push(fieldInvalid(path, selector, 'invalid label selector'))
      return
    }
  }
  checkTemplateForSelector(errors, selector, template ?? {}, specPath.child('template'), owner)
}

export function checkTemplateForSelector(
  errors: FieldError[],
  selector: LabelSelectorObject | null | undefined,
  template: PodTemplateSpec,
  path: FieldPath,
  owner: string,
): void {
  checkSelected(errors, selector, template, path)
  checkTemplateOfCopies(errors, template, path, owner)
}

/** No selector selects nothing, an empty one everything. */
export function checkSelected(
  errors: FieldError[],
  selector: LabelSelectorObject | null | undefined,
  { metadata }: PodTemplateSpec,
  path: FieldPath,
): void {
  if (selector && (isEmptySelector(selector) || selectorMatches(selector, metadata?.labels))) return
  const shown = metadata?.labels ?? emptiedField(metadata, 'labels')
  errors.push(fieldInvalid(path.child('metadata', 'labels'), shown, '`selector` does not match template `labels`'))
}

/** `owner`: see checkSelectorAndTemplate. */
export function checkTemplateOfCopies(
  errors: FieldError[],
  template: PodTemplateSpec,
  path: FieldPath,
  owner: string,
): void {
  checkPodTemplate(errors, template, path)
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  if (restartPolicy !== 'Always') {
    errors.push(fieldNotSupported(path.child('spec', 'restartPolicy'), restartPolicy, ['Always']))
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${owner} is not Supported`
    errors.push(fieldForbidden(path.child('spec', 'activeDeadlineSeconds'), detail))
  }
}

export function validateReplicaSetStatus({ status = {} }: ReplicaSet): FieldError[] {
  const errors: FieldError[] = []
  const counts = [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
    'terminatingReplicas',
  ] as const
  checkCounts(errors, status, counts, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'])
  return errors
}

/** None is negative, none of `parts` is more than `replicas`, and what is available is ready. */
export function checkCounts<Name extends string>(
  errors: FieldError[],
  status: { readonly [name in Name | 'replicas' | 'readyReplicas' | 'availableReplicas']?: number },
  counts: readonly Name[],
  parts: readonly Name[],
  ready = 'readyReplicas',
): void {
  const path = rootPath.child('status')
  for (const name of counts) {
    const value = status[name]
    if (value !== undefined && value < 0) errors.push(fieldInvalid(path.child(name), value, NOT_NEGATIVE))
  }
  for (const name of parts) {
    const value = status[name] ?? 0
    if (value > (status.replicas ?? 0))
      errors.push(fieldInvalid(path.child(name), value, 'cannot be greater than status.replicas'))
  }
  const available = status.availableReplicas ?? 0
  if (available > (status.readyReplicas ?? 0)) {
    errors.push(fieldInvalid(path.child('availableReplicas'), available, `cannot be greater than ${ready}`))
  }
}
