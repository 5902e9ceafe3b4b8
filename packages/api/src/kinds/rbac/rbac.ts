// Roles and their bindings.
import {
  type FieldError,
  type KubeObject,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  nameIsPathSegment,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { semanticallyEqual } from '../../validation/field-checks.ts'
import { age } from '../row.ts'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

interface Subject {
  kind?: string
  apiGroup?: string
  name?: string
  namespace?: string
}

interface Binding extends KubeObject {
  subjects?: Subject[]
  roleRef?: { apiGroup?: string; kind?: string; name?: string }
}

// The schema has checked the types of what all these functions get.
const asBinding = (object: KubeObject): Binding => object as Binding

/** Names of roles are segments of paths: `system:node` is one. */
export const roleStrategy: KindStrategy = { allowCreateOnUpdate: true, validateName: nameIsPathSegment }

const bindingStrategy = (namespaced: boolean): KindStrategy => ({
  default(object) {
    const { roleRef, subjects = [] } = asBinding(object)
    if (roleRef !== undefined) roleRef.apiGroup ||= RBAC_GROUP
    for (const subject of subjects)
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP
  },
  validate: (object) => validateBinding(asBinding(object), namespaced),
  validateUpdate(next, old) {
    const errors = validateBinding(asBinding(next), namespaced)
    const { roleRef = {} } = asBinding(next)
    if (!semanticallyEqual(roleRef, asBinding(old).roleRef)) {
      const shown = { APIGroup: roleRef.apiGroup ?? '', Kind: roleRef.kind ?? '', Name: roleRef.name ?? '' }
      errors.push(fieldInvalid('roleRef', shown, 'cannot change roleRef'))
    }
    return errors
  },
  allowCreateOnUpdate: true,
  validateName: nameIsPathSegment,
  row(object, now) {
    const { metadata, roleRef, subjects = [] } = asBinding(object)
    const names = (kind: string): string =>
      subjects
        .filter((subject) => subject.kind === kind)
        .map(({ name = '', namespace = '' }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
        .join(', ')
    const role = `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`
    return [metadata.name ?? '', role, age(object, now), names('User'), names('Group'), names('ServiceAccount')]
  },
})

export const roleBindingStrategy: KindStrategy = bindingStrategy(true)
export const clusterRoleBindingStrategy: KindStrategy = bindingStrategy(false)

function validateBinding({ roleRef = {}, subjects = [] }: Binding, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  const path = rootPath.child('roleRef')
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if (roleRef.apiGroup !== RBAC_GROUP)
    errors.push(fieldNotSupported(path.child('apiGroup'), roleRef.apiGroup, [RBAC_GROUP]))
  if (!kinds.includes(roleRef.kind ?? '')) errors.push(fieldNotSupported(path.child('kind'), roleRef.kind ?? '', kinds))
  if (!roleRef.name) errors.push(fieldRequired(path.child('name'), ''))
  else
    for (const message of nameIsPathSegment(roleRef.name, false))
      errors.push(fieldInvalid(path.child('name'), roleRef.name, message))
  for (const [index, subject] of subjects.entries()) {
    const at = rootPath.child('subjects').index(index)
    const { kind = '', name = '', namespace = '', apiGroup = '' } = subject
    if (name === '') errors.push(fieldRequired(at.child('name'), ''))
    const isAccount = kind === 'ServiceAccount'
    if (!isAccount && kind !== 'User' && kind !== 'Group') {
      errors.push(fieldNotSupported(at.child('kind'), kind, ['ServiceAccount', 'User', 'Group']))
      continue
    }
    const group = isAccount ? '' : RBAC_GROUP
    if (apiGroup !== group) errors.push(fieldNotSupported(at.child('apiGroup'), apiGroup, [group]))
    if (isAccount && !namespaced && namespace === '') errors.push(fieldRequired(at.child('namespace'), ''))
  }
  return errors
}
