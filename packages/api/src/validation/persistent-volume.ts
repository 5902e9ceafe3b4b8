// What a PersistentVolume must be, and the spec of one that stands in a VolumeAttachment.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Subdomain,
  rootPath,
} from '@keelson/apimachinery'
import type { PersistentVolume } from '../kinds/core/persistentvolume.ts'
import { copyWithEmptied, emptiedField } from '../schema/emptied.ts'
import { checkNodeSelector } from './affinity.ts'
import { FIELD_IS_IMMUTABLE, checkName, semanticallyEqual, sortedMap } from './field-checks.ts'
import { checkVolumeNodeAffinityChange } from './persistent-volume-affinity.ts'
import { PERSISTENT_SOURCES, checkPersistentSources } from './persistent-volume-sources.ts'
import { internalForm } from './internal-form.ts'
import { quantityOf } from './resources.ts'
import { unifiedDifference } from './unified-difference.ts'
import { VOLUME_MODES, checkAccessModes } from './volume-claim.ts'

type Spec = NonNullable<PersistentVolume['spec']>

const specPath = rootPath.child('spec')
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain']
const NOT_INLINE = 'may not be specified in the context of inline volumes'

export function validatePersistentVolume(volume: PersistentVolume): FieldError[] {
  const errors: FieldError[] = []
  const { metadata, spec = {} } = volume
  checkPersistentVolumeSpec(errors, spec, metadata.name ?? '', specPath, false)
  checkMountOptions(errors, volume)
  return errors
}

/** `isInline`: the volume is no object of its own, and says less. */
export function checkPersistentVolumeSpec(
  errors: FieldError[],
  spec: Spec,
  name: string,
  path: FieldPath,
  isInline: boolean,
): void {
  if (isInline) {
    if (spec.claimRef !== undefined) errors.push(fieldForbidden(path.child('claimRef'), NOT_INLINE))
    if (Object.keys(spec.capacity ?? {}).length > 0) errors.push(fieldForbidden(path.child('capacity'), NOT_INLINE))
    if (spec.csi === undefined)
      errors.push(fieldRequired(path.child('csi'), 'has to be specified in the context of inline volumes'))
  }
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(fieldRequired(path.child('accessModes'), ''))
  checkAccessModes(errors, modes, path)
  if (!isInline) checkCapacity(errors, spec, path)
  checkReclaimPolicy(errors, spec, path, isInline)
  checkNodeAffinity(errors, spec, path, isInline)
  checkPersistentSources(errors, spec, name, path)
  if (cleansToRoot(spec.hostPath?.path) && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const detail = "may not be 'recycle' for a hostPath mount of '/'"
    errors.push(fieldForbidden(path.child('persistentVolumeReclaimPolicy'), detail))
  }
  checkClassAndMode(errors, spec, path, isInline)
  // Inline volumes have attributes that nobody looks at.
  if (!isInline && spec.volumeAttributesClassName !== undefined) checkAttributesClass(errors, spec, path)
}

function checkCapacity(errors: FieldError[], spec: Spec, parent: FieldPath): void {
  const { capacity } = spec
  const path = parent.child('capacity')
  const names = Object.keys(capacity ?? {})
  if (names.length === 0) errors.push(fieldRequired(path, ''))
  if (names.length !== 1 || names[0] !== 'storage')
    errors.push(fieldNotSupported(path, sortedMap(capacity ?? emptiedField(spec, 'capacity')), ['storage']))
  for (const [name, text] of Object.entries(capacity ?? {})) {
    const quantity = quantityOf(text)
    if (quantity.value() < 0n)
      errors.push(fieldInvalid(path.key(name), Number(quantity.value()), 'must be a valid resource quantity'))
    if (quantity.sign <= 0) errors.push(fieldInvalid(path.key(name), quantity.toString(), 'must be greater than zero'))
  }
}

function checkReclaimPolicy(errors: FieldError[], spec: Spec, parent: FieldPath, isInline: boolean): void {
  const path = parent.child('persistentVolumeReclaimPolicy')
  const policy = spec.persistentVolumeReclaimPolicy
  if (!policy) return
  if (isInline) {
    if (policy !== 'Retain') errors.push(fieldForbidden(path, 'may only be Retain in the context of inline volumes'))
  } else if (!RECLAIM_POLICIES.includes(policy)) errors.push(fieldNotSupported(path, policy, RECLAIM_POLICIES))
}

function checkNodeAffinity(errors: FieldError[], { nodeAffinity }: Spec, path: FieldPath, isInline: boolean): void {
  if (nodeAffinity === undefined) return
  if (isInline) return void errors.push(fieldForbidden(path.child('nodeAffinity'), NOT_INLINE))
  const at = path.child('nodeAffinity', 'required')
  if (nodeAffinity.required === undefined) errors.push(fieldRequired(at, 'must specify required node constraints'))
  else checkNodeSelector(errors, nodeAffinity.required, at)
}

/** Go's path.Clean of it is `/`. An empty path is `.`. */
function cleansToRoot(path: string | undefined): boolean {
  if (!path?.startsWith('/')) return false
  const steps: string[] = []
  for (const step of path.split('/')) {
    if (step === '..') steps.pop()
    else if (step !== '' && step !== '.') steps.push(step)
  }
  return steps.length === 0
}

function checkClassAndMode(errors: FieldError[], spec: Spec, path: FieldPath, isInline: boolean): void {
  const { storageClassName, volumeMode } = spec
  const modePath = path.child('volumeMode')
  if (isInline) {
    if (storageClassName) errors.push(fieldForbidden(path.child('storageClassName'), NOT_INLINE))
    if (volumeMode !== undefined && volumeMode !== 'Filesystem') {
      const detail = 'may not specify volumeMode other than Filesystem in the context of inline volumes'
      errors.push(fieldForbidden(modePath, detail))
    }
    return
  }
  if (storageClassName) checkName(errors, path.child('storageClassName'), storageClassName, isDNS1123Subdomain)
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode))
    errors.push(fieldNotSupported(modePath, volumeMode, VOLUME_MODES))
}

function checkAttributesClass(errors: FieldError[], spec: Spec, path: FieldPath): void {
  const at = path.child('volumeAttributesClassName')
  if (!spec.volumeAttributesClassName) errors.push(fieldRequired(at, 'an empty string is disallowed'))
  else checkName(errors, at, spec.volumeAttributesClassName, isDNS1123Subdomain)
  if (spec.csi === undefined)
    errors.push(fieldRequired(path.child('csi'), 'has to be specified when using volumeAttributesClassName'))
}

/** Sources whose plugins know an annotation of old. */
const WITH_MOUNT_OPTIONS = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
]
const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options'

function checkMountOptions(errors: FieldError[], { metadata, spec = {} }: PersistentVolume): void {
  if (metadata.annotations?.[MOUNT_OPTIONS] === undefined) return
  if (WITH_MOUNT_OPTIONS.some((field) => spec[field] !== undefined)) return
  const path = rootPath.child('metadata', 'annotations', MOUNT_OPTIONS)
  errors.push(fieldForbidden(path, 'may not specify mount options for this volume type'))
}

/** The source of a volume is for life, and so is its mode. A secret for expanding may be added. */
export function validatePersistentVolumeUpdate(next: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = [...validatePersistentVolume(next), ...validatePersistentVolumeSpecAgain(next)]
  const sources = (spec: Spec = {}): Record<string, unknown> =>
    Object.fromEntries(PERSISTENT_SOURCES.map((source) => [source, spec[source]]))
  const [after, before] = [sources(next.spec), sources(old.spec)]
  const [csi, oldCsi] = [next.spec?.csi, old.spec?.csi]
  if (csi !== undefined && oldCsi !== undefined && oldCsi['controllerExpandSecretRef'] === undefined)
    after['csi'] = Object.assign(copyWithEmptied(csi), { controllerExpandSecretRef: undefined })
  if (!semanticallyEqual(after, before)) {
    const [shownOld, shown] = [before, after].map((source) => internalForm('PersistentVolumeSource', source))
    const detail = 'spec.persistentvolumesource is immutable after creation'
    errors.push(
      fieldForbidden(specPath.child('persistentvolumesource'), `${detail}\n${unifiedDifference(shownOld, shown)}`),
    )
  }
  const mode = next.spec?.volumeMode
  if (mode !== old.spec?.volumeMode) errors.push(fieldInvalid('volumeMode', mode, FIELD_IS_IMMUTABLE))
  checkVolumeNodeAffinityChange(errors, next.spec?.nodeAffinity, old.spec?.nodeAffinity)
  if (old.spec?.volumeAttributesClassName !== undefined && next.spec?.volumeAttributesClassName === undefined) {
    const path = specPath.child('volumeAttributesClassName')
    errors.push(fieldForbidden(path, 'update from non-nil value to nil is forbidden'))
  }
  return errors
}

/** Upstream checks the spec twice. */
function validatePersistentVolumeSpecAgain({ metadata, spec = {} }: PersistentVolume): FieldError[] {
  const errors: FieldError[] = []
  checkPersistentVolumeSpec(errors, spec, metadata.name ?? '', specPath, false)
  return errors
}
