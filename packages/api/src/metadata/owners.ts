// Owner references and finalizers.
import {
  type FieldError,
  type FieldPath,
  type OwnerReference,
  append,
  fieldForbidden,
  fieldInvalid,
  goQuote,
  isQualifiedName,
  parseApiVersion,
} from '@keelson/apimachinery'

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

export function validateOwnerReferences(references: readonly OwnerReference[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  let controller = ''
  for (const reference of references) {
    append(errors, validateOwnerReference(reference, path))
    if (reference.controller !== true) continue
    const current = `${reference.kind}/${reference.name}`
    if (controller === '') {
      controller = current
      continue
    }
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`
    errors.push(fieldInvalid(path, references, detail))
  }
  return errors
}

function validateOwnerReference(reference: OwnerReference, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { apiVersion, kind, name, uid } = reference
  // An apiVersion that cannot be split has, for upstream, neither group nor version.
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' }
  if (version === '') errors.push(fieldInvalid(path.child('apiVersion'), apiVersion, 'version must not be empty'))
  if (kind === '') errors.push(fieldInvalid(path.child('kind'), kind, 'must not be empty'))
  if (name === '') errors.push(fieldInvalid(path.child('name'), name, 'must not be empty'))
  if (uid === '') errors.push(fieldInvalid(path.child('uid'), uid, 'must not be empty'))
  if (group === '' && version === 'v1' && kind === 'Event') {
    errors.push(fieldInvalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return errors
}

export function validateFinalizers(finalizers: readonly string[], path: FieldPath): FieldError[] {
  const errors = finalizers.flatMap((finalizer) =>
    isQualifiedName(finalizer).map((message) => fieldInvalid(path, finalizer, message)),
  )
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(fieldInvalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

/** A finalizer without a domain must be one that Kubernetes itself knows. */
export function validateFinalizerDomains(finalizers: readonly string[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, finalizer] of finalizers.entries()) {
    if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) continue
    errors.push(
      fieldInvalid(path.index(index), finalizer, 'name is neither a standard finalizer name nor is it fully qualified'),
    )
  }
  return errors
}

/** An object that is being deleted takes no further finalizers. */
export function validateNoNewFinalizers(
  next: readonly string[],
  old: readonly string[],
  path: FieldPath,
): FieldError[] {
  const added = [...new Set(next)].filter((finalizer) => !old.includes(finalizer)).toSorted()
  if (added.length === 0) return []
  const list = added.map(goQuote).join(', ')
  return [
    fieldForbidden(
      path,
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
    ),
  ]
}
