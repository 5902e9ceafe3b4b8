// Namespace: born Active with the finalizer `kubernetes`, labelled with its own name, emptied before it goes.
import {
  type FieldError,
  type KubeObject,
  fieldInvalid,
  isQualifiedName,
  nameIsDNSLabel,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { age } from '../row.ts'

export interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] }
  status?: { phase?: string; conditions?: unknown[] }
}

const NAME_LABEL = 'kubernetes.io/metadata.name'
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

export const namespaceStrategy: KindStrategy = {
  default(object) {
    const { metadata, ...namespace } = object as Namespace // The schema has checked the types.
    // Without a name yet (generateName) prepareForCreate sets the label.
    if (metadata.name) (metadata.labels ??= {})[NAME_LABEL] = metadata.name
    object['spec'] = namespace.spec ?? {}
    const status = namespace.status ?? {}
    status.phase ||= 'Active'
    object['status'] = status
  },
  prepareForCreate(object) {
    const namespace = object as Namespace // As above.
    namespace.status = { phase: 'Active' }
    const finalizers = ((namespace.spec ??= {}).finalizers ??= [])
    if (!finalizers.includes('kubernetes')) finalizers.push('kubernetes')
    if (namespace.metadata.name) (namespace.metadata.labels ??= {})[NAME_LABEL] = namespace.metadata.name
  },
  prepareForUpdate(next, old) {
    const finalizers = (old as Namespace).spec?.finalizers // As above.
    const spec = ((next as Namespace).spec ??= {}) // As above.
    if (finalizers === undefined) delete spec.finalizers
    else spec.finalizers = finalizers
  },
  validate: (object) => validateFinalizers(object as Namespace), // As above.
  validateUpdate: (next) => validateFinalizers(next as Namespace), // As above.
  validateStatusUpdate(next) {
    const phase = (next as Namespace).status?.phase ?? '' // As above.
    const deleting = next.metadata.deletionTimestamp !== undefined
    if (!deleting && phase !== 'Active') {
      return [fieldInvalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")]
    }
    if (deleting && phase !== 'Terminating') {
      return [fieldInvalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
    }
    return []
  },
  hasStatus: true,
  validateName: nameIsDNSLabel,
  selectable: ['status.phase'],
  selectableFields: (object) => ({ 'status.phase': (object as Namespace).status?.phase ?? '' }), // As above.
  row: (object, now) => [object.metadata.name ?? '', (object as Namespace).status?.phase ?? '', age(object, now)], // As above.
}

/** What the finalize subresource checks: the index of each finalizer is in its path. */
export function validateNamespaceFinalize(object: KubeObject): FieldError[] {
  const finalizers = (object as Namespace).spec?.finalizers ?? [] // As above.
  return finalizers.flatMap((finalizer, index) =>
    finalizerErrors(finalizer, rootPath.child('spec', 'finalizers').index(index).toString()),
  )
}

const validateFinalizers = (namespace: Namespace): FieldError[] =>
  (namespace.spec?.finalizers ?? []).flatMap((finalizer) => finalizerErrors(finalizer, 'spec.finalizers'))

function finalizerErrors(finalizer: string, path: string): FieldError[] {
  const errors = isQualifiedName(finalizer).map((message) => fieldInvalid(path, finalizer, message))
  if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
    const message = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(fieldInvalid(path, finalizer, message))
  }
  return errors
}
