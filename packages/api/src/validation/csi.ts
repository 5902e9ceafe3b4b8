// What drivers of the Container Storage Interface may say of themselves, of their nodes and of their capacity.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Subdomain,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../metadata/update-checks.ts'
import type { CsiDriver, CsiNode, CsiNodeDriver, CsiStorageCapacity } from '../kinds/storage/storage-types.ts'
import { checkDriverName } from './driver-name.ts'
import { FIELD_IS_IMMUTABLE, checkImmutable, checkName, checkNotNegative, semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { checkLabelSelector } from './labels.ts'
import { quantityOf } from './resources.ts'

const specPath = rootPath.child('spec')
const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType']
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral']
const LEAST_UPDATE_SECONDS = 10
const LEAST_TOKEN_SECONDS = 600
const MOST_TOKEN_SECONDS = 2 ** 32
const MAX_NODE_ID_BYTES = 256

export function validateCsiDriver({ spec = {} }: CsiDriver): FieldError[] {
  const errors: FieldError[] = []
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [], serviceAccountTokenInSecrets } = spec
  if (fsGroupPolicy !== undefined && !GROUP_POLICIES.includes(fsGroupPolicy))
    errors.push(fieldNotSupported(specPath.child('fsGroupPolicy'), fsGroupPolicy, GROUP_POLICIES))
  checkTokenRequests(errors, tokenRequests)
  for (const mode of volumeLifecycleModes) {
    if (!LIFECYCLE_MODES.includes(mode))
      errors.push(fieldNotSupported(specPath.child('volumeLifecycleModes'), mode, LIFECYCLE_MODES))
  }
  const update = spec.nodeAllocatableUpdatePeriodSeconds
  if (update !== undefined && update < LEAST_UPDATE_SECONDS) {
    const path = specPath.child('nodeAllocatableUpdatePeriodSeconds')
    errors.push(fieldInvalid(path, update, `must be greater than or equal to ${LEAST_UPDATE_SECONDS} seconds`))
  }
  if (serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0) {
    const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    errors.push(fieldInvalid(specPath.child('serviceAccountTokenInSecrets'), serviceAccountTokenInSecrets, detail))
  }
  return errors
}

function checkTokenRequests(
  errors: FieldError[],
  requests: NonNullable<NonNullable<CsiDriver['spec']>['tokenRequests']>,
): void {
  const audiences = new Set<string>()
  for (const [index, { audience, expirationSeconds: seconds }] of requests.entries()) {
    const path = specPath.child('tokenRequests').index(index)
    const name = audience ?? ''
    if (audiences.has(name)) {
      errors.push(fieldDuplicate(path.child('audience'), name))
      continue
    }
    audiences.add(name)
    const refuse = (detail: string): void =>
      void errors.push(fieldInvalid(path.child('expirationSeconds'), seconds, `may not specify a duration ${detail}`))
    if (seconds !== undefined && seconds < LEAST_TOKEN_SECONDS) refuse('less than 10 minutes')
    if (seconds !== undefined && seconds > MOST_TOKEN_SECONDS) refuse('larger than 2^32 seconds')
  }
}

export function validateCsiDriverUpdate(next: CsiDriver, old: CsiDriver): FieldError[] {
  const errors = validateCsiDriver(next)
  const [spec, before] = [next.spec ?? {}, old.spec ?? {}]
  // The path says attachedRequired, the field is attachRequired.
  checkImmutable(errors, spec.attachRequired, before.attachRequired, specPath.child('attachedRequired'))
  const path = specPath.child('volumeLifecycleModes')
  checkImmutable(errors, spec.volumeLifecycleModes, before.volumeLifecycleModes, path)
  return errors
}

export function validateCsiNode({ spec }: CsiNode): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, driver] of (spec?.drivers ?? []).entries()) {
    checkNodeDriver(errors, driver, seen, specPath.child('drivers').index(index))
  }
  return errors
}

function checkNodeDriver(errors: FieldError[], driver: CsiNodeDriver, seen: Set<string>, path: FieldPath): void {
  const name = driver.name ?? ''
  checkDriverName(errors, name, path.child('name'))
  const id = driver.nodeID ?? ''
  if (id === '') errors.push(fieldRequired(path.child('nodeID'), ''))
  if (Buffer.byteLength(id) > MAX_NODE_ID_BYTES)
    errors.push(fieldInvalid(path.child('nodeID'), id, `must be ${MAX_NODE_ID_BYTES} characters or less`))
  checkNotNegative(errors, driver.allocatable?.count, path.child('allocatable'), 'count')
  if (seen.has(name)) errors.push(fieldDuplicate(path.child('name'), name))
  seen.add(name)
  const keys = new Set<string>()
  for (const key of driver.topologyKeys ?? []) {
    if (key === '') errors.push(fieldRequired(path, ''))
    if (keys.has(key)) errors.push(fieldDuplicate(path, key))
    keys.add(key)
    checkName(errors, path, key, isQualifiedName)
  }
}

/** A driver may come and go; one that stays stays as it is, but for how much it can take. */
export function validateCsiNodeUpdate(next: CsiNode, old: CsiNode): FieldError[] {
  const errors = validateCsiNode(next)
  for (const before of old.spec?.drivers ?? []) {
    for (const after of next.spec?.drivers ?? []) {
      if (after.name !== before.name) continue
      const { allocatable: _, ...rest } = after
      const { allocatable: __, ...restBefore } = before
      if (semanticallyEqual(rest, restBefore)) continue
      const shown = internalForm('storage.CSINodeDriver', rest)
      errors.push(fieldInvalid(specPath.child('drivers'), shown, FIELD_IS_IMMUTABLE))
    }
  }
  return errors
}

export function validateCsiStorageCapacity({
  nodeTopology,
  storageClassName,
  capacity,
}: CsiStorageCapacity): FieldError[] {
  const errors: FieldError[] = []
  checkLabelSelector(errors, nodeTopology, rootPath.child('nodeTopology'))
  checkName(errors, rootPath.child('storageClassName'), storageClassName ?? '', isDNS1123Subdomain)
  if (capacity !== undefined && quantityOf(capacity).sign < 0) {
    errors.push(fieldInvalid('capacity', capacity, 'must be greater than or equal to 0'))
  }
  return errors
}

export function validateCsiStorageCapacityUpdate(next: CsiStorageCapacity, old: CsiStorageCapacity): FieldError[] {
  const errors = [...validateCsiStorageCapacity(next), METADATA_CHECKED.change]
  checkImmutable(errors, next.nodeTopology, old.nodeTopology, rootPath.child('nodeTopology'))
  if ((next.storageClassName ?? '') !== (old.storageClassName ?? ''))
    errors.push(fieldInvalid('storageClassName', next.storageClassName ?? '', FIELD_IS_IMMUTABLE))
  return errors
}
