// Where a container sees the volumes of its pod.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldNotSupported,
  fieldRequired,
} from '@keelson/apimachinery'
import type { Container, Volume, VolumeMount } from '../kinds/core/pod-types.ts'
import { checkDescendingPath } from './file-paths.ts'

interface VolumeDevice {
  name?: string
  devicePath?: string
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible']

export function checkMounts(
  errors: FieldError[],
  container: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
): void {
  const { volumeMounts, volumeDevices } = container
  if (volumeMounts !== undefined)
    checkVolumeMounts(errors, volumeMounts, container, volumes, path.child('volumeMounts'))
  if (volumeDevices !== undefined) checkDevices(errors, volumeDevices, container, volumes, path.child('volumeDevices'))
}

function checkVolumeMounts(
  errors: FieldError[],
  mounts: readonly VolumeMount[],
  container: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
): void {
  const { volumeDevices } = container
  const taken = new Set<string>()
  for (let index = 0; index < mounts.length; index++) {
    const mount = mounts[index] ?? {}
    const at = path.index(index)
    const { name = '', mountPath = '', subPath, subPathExpr } = mount
    if (name === '') errors.push(fieldRequired(at.child('name'), ''))
    if (!volumes.has(name)) errors.push(fieldNotFound(at.child('name'), name))
    if (mountPath === '') errors.push(fieldRequired(at.child('mountPath'), ''))
    if (taken.has(mountPath)) errors.push(fieldInvalid(at.child('mountPath'), mountPath, 'must be unique'))
    taken.add(mountPath)
    if (volumeDevices !== undefined) checkNotDevice(errors, name, mountPath, volumeDevices, at)
    // Upstream's paths of the rest do not say which mount it is.
    if (subPath) checkDescendingPath(errors, subPath, path.child('subPath'))
    if (subPathExpr) {
      if (subPath)
        errors.push(
          fieldInvalid(at.child('subPathExpr'), subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
        )
      checkDescendingPath(errors, subPathExpr, path.child('subPathExpr'))
    }
    checkPropagation(errors, mount, container, path)
  }
}

function checkNotDevice(
  errors: FieldError[],
  name: string,
  mountPath: string,
  devices: readonly VolumeDevice[],
  path: FieldPath,
): void {
  if (devices.some((device) => device.name === name)) {
    errors.push(fieldInvalid(path.child('name'), name, 'must not already exist in volumeDevices'))
  }
  if (devices.some((device) => device.devicePath === mountPath)) {
    errors.push(fieldInvalid(path.child('mountPath'), mountPath, 'must not already exist as a path in volumeDevices'))
  }
}

function checkPropagation(
  errors: FieldError[],
  { mountPropagation, recursiveReadOnly, readOnly }: VolumeMount,
  { securityContext }: Container,
  path: FieldPath,
): void {
  if (mountPropagation !== undefined) {
    const at = path.child('mountPropagation')
    if (!PROPAGATIONS.includes(mountPropagation)) errors.push(fieldNotSupported(at, mountPropagation, PROPAGATIONS))
    if (mountPropagation === 'Bidirectional' && securityContext?.privileged !== true) {
      errors.push(fieldForbidden(at, 'Bidirectional mount propagation is available only to privileged containers'))
    }
  }
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return
  const at = path.child('recursiveReadOnly')
  if (!RECURSIVE_READ_ONLY.includes(recursiveReadOnly)) {
    errors.push(fieldNotSupported(at, recursiveReadOnly, RECURSIVE_READ_ONLY))
    return
  }
  if (readOnly !== true) errors.push(fieldForbidden(at, 'may only be specified when readOnly is true'))
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    errors.push(fieldForbidden(at, 'may only be specified when mountPropagation is None or not specified'))
  }
}

function checkDevices(
  errors: FieldError[],
  devices: readonly VolumeDevice[],
  { volumeMounts = [] }: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
): void {
  const names = new Set<string>()
  const paths = new Set<string>()
  for (const [index, { name = '', devicePath = '' }] of devices.entries()) {
    const at = path.index(index)
    const refuseName = (detail: string): void => void errors.push(fieldInvalid(at.child('name'), name, detail))
    const refusePath = (detail: string): void =>
      void errors.push(fieldInvalid(at.child('devicePath'), devicePath, detail))
    const volume = volumes.get(name)
    if (name === '') errors.push(fieldRequired(at.child('name'), ''))
    if (names.has(name)) refuseName('must be unique')
    if (volume === undefined) errors.push(fieldNotFound(at.child('name'), name))
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      refuseName('can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode')
    }
    if (devicePath === '') errors.push(fieldRequired(at.child('devicePath'), ''))
    if (paths.has(devicePath)) refusePath('must be unique')
    if (devicePath.split('/').includes('..')) refusePath("can not contain backsteps ('..')")
    else paths.add(devicePath)
    if (volumeMounts.some((mount) => mount.name === name)) refuseName('must not already exist in volumeMounts')
    if (volumeMounts.some((mount) => mount.mountPath === devicePath)) {
      refusePath('must not already exist as a path in volumeMounts')
    }
    if (name !== '') names.add(name)
  }
}
