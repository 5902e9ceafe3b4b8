// What a PersistentVolume must be.
import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Subdomain,
  rootPath,
} from '@keelson/apimachinery'
import type { PersistentVolume } from '../kinds/core/persistentvolume.ts'
import { checkNodeSelector } from './affinity.ts'
import { checkName, semanticallyEqual } from './field-checks.ts'
import { checkNoBacksteps } from './file-paths.ts'
import { quantityOf } from './resources.ts'
import { VOLUME_MODES, checkAccessModes } from './volume-claim.ts'

type Spec = NonNullable<PersistentVolume['spec']>

const specPath = rootPath.child('spec')
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain']
/** In the order in which upstream looks at them: the first is the volume's source, the others are too many. */
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]

export function validatePersistentVolume({ spec = {} }: PersistentVolume): FieldError[] {
  const errors: FieldError[] = []
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(fieldRequired(specPath.child('accessModes'), ''))
  checkAccessModes(errors, modes, specPath)
  checkCapacity(errors, spec)
  const policy = spec.persistentVolumeReclaimPolicy
  if (policy && !RECLAIM_POLICIES.includes(policy)) {
    errors.push(fieldNotSupported(specPath.child('persistentVolumeReclaimPolicy'), policy, RECLAIM_POLICIES))
  }
  const required = spec.nodeAffinity?.required
  if (spec.nodeAffinity !== undefined) {
    const path = specPath.child('nodeAffinity', 'required')
    if (required === undefined) errors.push(fieldRequired(path, 'must specify required node constraints'))
    else checkNodeSelector(errors, required, path)
  }
  checkSource(errors, spec)
  if (spec.hostPath?.path === '/' && policy === 'Recycle') {
    const detail = "may not be 'recycle' for a hostPath mount of '/'"
    errors.push(fieldForbidden(specPath.child('persistentVolumeReclaimPolicy'), detail))
  }
  if (spec.storageClassName)
    checkName(errors, specPath.child('storageClassName'), spec.storageClassName, isDNS1123Subdomain)
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) {
    errors.push(fieldNotSupported(specPath.child('volumeMode'), spec.volumeMode, VOLUME_MODES))
  }
  return errors
}

function checkCapacity(errors: FieldError[], { capacity }: Spec): void {
  const path = specPath.child('capacity')
  if (capacity === undefined) errors.push(fieldRequired(path, ''))
  const names = Object.keys(capacity ?? {})
  if (names.length !== 1 || names[0] !== 'storage') errors.push(fieldNotSupported(path, capacity, ['storage']))
  for (const [name, text] of Object.entries(capacity ?? {})) {
    const quantity = quantityOf(text)
    if (quantity.sign <= 0) errors.push(fieldInvalid(path.key(name), quantity.toString(), 'must be greater than zero'))
  }
}

function checkSource(errors: FieldError[], spec: Spec): void {
  const found = SOURCES.filter((source) => spec[source] !== undefined)
  for (const [index, source] of found.entries()) {
    const at = specPath.child(source)
    if (index > 0) {
      errors.push(fieldForbidden(at, 'may not specify more than 1 volume type'))
      continue
    }
    if (source === 'hostPath') {
      if (!spec.hostPath?.path) errors.push(fieldRequired(at.child('path'), ''))
      else checkNoBacksteps(errors, spec.hostPath.path, at.child('path'))
    }
    if (source === 'local' && spec.nodeAffinity === undefined) {
      errors.push(fieldRequired(specPath.child('nodeAffinity'), 'Local volume requires node affinity'))
    }
  }
  if (found.length === 0) errors.push(fieldRequired(specPath, 'must specify a volume type'))
}

/** The source of a volume is for life, and so is its mode. */
export function validatePersistentVolumeUpdate(next: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validatePersistentVolume(next)
  const sourceOf = ({ spec = {} }: PersistentVolume): unknown[] => SOURCES.map((source) => spec[source])
  if (!semanticallyEqual(sourceOf(next), sourceOf(old))) {
    errors.push(
      fieldForbidden(
        specPath.child('persistentvolumesource'),
        'spec.persistentvolumesource is immutable after creation',
      ),
    )
  }
  const mode = next.spec?.volumeMode
  if (mode !== old.spec?.volumeMode) errors.push(fieldInvalid(specPath.child('volumeMode'), mode, 'field is immutable'))
  return errors
}
