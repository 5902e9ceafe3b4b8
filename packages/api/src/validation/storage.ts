// What a StorageClass and a CSIDriver may say.
import {
  type FieldError,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import type { CsiDriver, StorageClass } from '../kinds/storage/storage-types.ts'
import { checkName } from './field-checks.ts'

const specPath = rootPath.child('spec')
const RECLAIM_POLICIES = ['Delete', 'Retain']
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer']
const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType']
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral']
const LEAST_UPDATE_SECONDS = 10
const LEAST_TOKEN_SECONDS = 600

export function validateStorageClass(object: StorageClass): FieldError[] {
  const errors: FieldError[] = []
  const { provisioner = '', parameters = {}, reclaimPolicy, volumeBindingMode, allowedTopologies = [] } = object
  const path = rootPath.child('provisioner')
  if (provisioner === '') errors.push(fieldRequired(path, ''))
  else checkName(errors, path, provisioner.toLowerCase(), isQualifiedName)
  if ('' in parameters) errors.push(fieldInvalid(rootPath.child('parameters'), '', 'field can not be empty.'))
  if (reclaimPolicy !== undefined && !RECLAIM_POLICIES.includes(reclaimPolicy))
    errors.push(fieldNotSupported(rootPath.child('reclaimPolicy'), reclaimPolicy, RECLAIM_POLICIES))
  if (volumeBindingMode === undefined) errors.push(fieldRequired(rootPath.child('volumeBindingMode'), ''))
  else if (!BINDING_MODES.includes(volumeBindingMode))
    errors.push(fieldNotSupported(rootPath.child('volumeBindingMode'), volumeBindingMode, BINDING_MODES))
  for (const [index, { matchLabelExpressions = [] }] of allowedTopologies.entries()) {
    const termPath = rootPath.child('allowedTopologies').index(index).child('matchLabelExpressions')
    for (const [at, { key = '', values }] of matchLabelExpressions.entries()) {
      const requirementPath = termPath.index(at)
      const seen = new Set<string>()
      if ((values ?? []).length === 0) errors.push(fieldRequired(requirementPath.child('values'), ''))
      for (const [position, value] of (values ?? []).entries()) {
        if (seen.has(value)) errors.push(fieldDuplicate(requirementPath.child('values').index(position), value))
        seen.add(value)
      }
      checkName(errors, requirementPath.child('key'), key, isQualifiedName)
    }
  }
  return errors
}

export function validateCsiDriver({ spec = {} }: CsiDriver): FieldError[] {
  const errors: FieldError[] = []
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [] } = spec
  if (fsGroupPolicy !== undefined && !GROUP_POLICIES.includes(fsGroupPolicy))
    errors.push(fieldNotSupported(specPath.child('fsGroupPolicy'), fsGroupPolicy, GROUP_POLICIES))
  const audiences = new Set<string>()
  for (const [index, { audience, expirationSeconds: seconds }] of tokenRequests.entries()) {
    const path = specPath.child('tokenRequests').index(index)
    const name = audience ?? ''
    if (audiences.has(name)) {
      errors.push(fieldDuplicate(path.child('audience'), name))
      continue
    }
    audiences.add(name)
    if (seconds !== undefined && seconds < LEAST_TOKEN_SECONDS)
      errors.push(
        fieldInvalid(path.child('expirationSeconds'), seconds, 'may not specify a duration less than 10 minutes'),
      )
  }
  for (const mode of volumeLifecycleModes) {
    if (!LIFECYCLE_MODES.includes(mode))
      errors.push(fieldNotSupported(specPath.child('volumeLifecycleModes'), mode, LIFECYCLE_MODES))
  }
  const update = spec.nodeAllocatableUpdatePeriodSeconds
  if (update !== undefined && update < LEAST_UPDATE_SECONDS) {
    const path = specPath.child('nodeAllocatableUpdatePeriodSeconds')
    errors.push(fieldInvalid(path, update, `must be greater than or equal to ${LEAST_UPDATE_SECONDS} seconds`))
  }
  return errors
}
