// Metadata rules of every object: on create and on update, with upstream's messages in upstream's order.
import {
  type FieldError,
  type ObjectMeta,
  append,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  nameIsDNSLabel,
  nameIsPathSegment,
  rootPath,
} from '@keelson/apimachinery'
import type { MetadataCheck } from './update-checks.ts'
import { validateManagedFields } from './managed-fields.ts'
import {
  validateFinalizerDomains,
  validateFinalizers,
  validateNoNewFinalizers,
  validateOwnerReferences,
} from './owners.ts'
import type { MetadataRules } from './rules.ts'
import { checkAnnotations, checkLabels } from '../validation/labels.ts'

const metadataPath = rootPath.child('metadata')
const path = {
  annotations: metadataPath.child('annotations'),
  creationTimestamp: metadataPath.child('creationTimestamp'),
  deletionGracePeriodSeconds: metadataPath.child('deletionGracePeriodSeconds'),
  deletionTimestamp: metadataPath.child('deletionTimestamp'),
  finalizers: metadataPath.child('finalizers'),
  managedFields: metadataPath.child('managedFields'),
  generateName: metadataPath.child('generateName'),
  generation: metadataPath.child('generation'),
  labels: metadataPath.child('labels'),
  name: metadataPath.child('name'),
  namespace: metadataPath.child('namespace'),
  ownerReferences: metadataPath.child('ownerReferences'),
  resourceVersion: metadataPath.child('resourceVersion'),
  uid: metadataPath.child('uid'),
}

/** After name generation. What it finds comes before what the kind's own validation finds. */
export function validateMetadata(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  const errors = validateGenerally(meta, rules)
  if (rules.qualifiedFinalizers) append(errors, validateFinalizerDomains(meta.finalizers ?? [], path.finalizers))
  return errors
}

/**
 * `next` carries the resourceVersion it replaces. What it finds comes before what the kind's own validation finds. Upstream
 * checks an update generally and again by kind, so what both find is told twice (as two causes).
 */
export function validateMetadataUpdate(
  next: ObjectMeta,
  old: ObjectMeta,
  rules: MetadataRules,
  checks: readonly MetadataCheck[] = ['change'],
): FieldError[] {
  const errors = validateGenerally(next, { ...rules, validateName: nameIsPathSegment })
  append(errors, validateChange(next, old))
  for (const check of checks) append(errors, checkMetadataUpdate(next, old, rules, check))
  return errors
}

/** One check by kind. */
export function checkMetadataUpdate(
  next: ObjectMeta,
  old: ObjectMeta,
  rules: MetadataRules,
  check: MetadataCheck,
): FieldError[] {
  const errors = check === 'change' ? validateChange(next, old) : validateGenerally(next, rules)
  if (rules.qualifiedFinalizers) append(errors, validateFinalizerDomains(next.finalizers ?? [], path.finalizers))
  return errors
}

function validateGenerally(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  const errors: FieldError[] = []
  if (meta.generateName) {
    for (const message of rules.validateName(meta.generateName, true)) {
      errors.push(fieldInvalid(path.generateName, meta.generateName, message))
    }
  }
  if (meta.name) {
    for (const message of rules.validateName(meta.name, false)) errors.push(fieldInvalid(path.name, meta.name, message))
  } else {
    errors.push(fieldRequired(path.name, 'name or generateName is required'))
  }
  append(errors, validateNamespace(meta, rules))
  if ((meta.generation ?? 0) < 0)
    errors.push(fieldInvalid(path.generation, meta.generation, 'must be greater than or equal to 0'))
  checkLabels(errors, meta.labels, path.labels)
  checkAnnotations(errors, meta.annotations, path.annotations)
  if (meta.ownerReferences !== undefined)
    append(errors, validateOwnerReferences(meta.ownerReferences, path.ownerReferences))
  if (meta.finalizers !== undefined) append(errors, validateFinalizers(meta.finalizers, path.finalizers))
  if (meta.managedFields !== undefined) append(errors, validateManagedFields(meta.managedFields, path.managedFields))
  return errors
}

function validateNamespace(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  if (!rules.namespaced) return meta.namespace ? [fieldForbidden(path.namespace, 'not allowed on this type')] : []
  if (!meta.namespace) return [fieldRequired(path.namespace, '')]
  return nameIsDNSLabel(meta.namespace, false).map((message) => fieldInvalid(path.namespace, meta.namespace, message))
}

function validateChange(next: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp)
    append(errors, validateNoNewFinalizers(next.finalizers ?? [], old.finalizers ?? [], path.finalizers))
  if (!next.resourceVersion) errors.push(fieldInvalid(path.resourceVersion, '', 'must be specified for an update'))
  if ((next.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(fieldInvalid(path.generation, next.generation ?? 0, 'must not be decremented'))
  }
  const immutable = (where: keyof typeof path & keyof ObjectMeta, absent: unknown): void => {
    if ((next[where] ?? absent) !== (old[where] ?? absent)) {
      errors.push(fieldInvalid(path[where], next[where] ?? absent, 'field is immutable'))
    }
  }
  immutable('name', '')
  immutable('namespace', '')
  immutable('uid', '')
  immutable('creationTimestamp', null)
  immutable('deletionTimestamp', null)
  immutable('deletionGracePeriodSeconds', null)
  checkLabels(errors, next.labels, path.labels)
  checkAnnotations(errors, next.annotations, path.annotations)
  if (next.ownerReferences !== undefined)
    append(errors, validateOwnerReferences(next.ownerReferences, path.ownerReferences))
  return errors
}
