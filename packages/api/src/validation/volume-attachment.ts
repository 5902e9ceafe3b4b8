// What a VolumeAttachment may ask for, and what its driver may answer.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  fieldTooLong,
  inclusiveRangeMessage,
  isDNS1123Subdomain,
  rootPath,
} from '@keelson/apimachinery'
import type { VolumeAttachment, VolumeError } from '../kinds/storage/storage-types.ts'
import { checkDriverName } from './driver-name.ts'
import { FIELD_IS_IMMUTABLE, checkName, semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { checkPersistentVolumeSpec } from './persistent-volume.ts'

type Source = NonNullable<NonNullable<VolumeAttachment['spec']>['source']>

const specPath = rootPath.child('spec')
const statusPath = rootPath.child('status')
const MAX_METADATA_BYTES = 256 * 1024
const MAX_MESSAGE_BYTES = 1024
const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

export function validateVolumeAttachment({ spec = {}, status = {} }: VolumeAttachment): FieldError[] {
  const errors: FieldError[] = []
  const { source = {} } = spec
  checkDriverName(errors, spec.attacher ?? '', specPath.child('attacher'))
  checkSource(errors, source, specPath.child('source'))
  checkName(errors, specPath.child('nodeName'), spec.nodeName ?? '', isDNS1123Subdomain)
  checkMetadata(errors, status.attachmentMetadata ?? {}, statusPath.child('attachmentMetadata'))
  checkVolumeError(errors, status.attachError, statusPath.child('attachError'))
  checkVolumeError(errors, status.detachError, statusPath.child('detachError'))
  if (source.persistentVolumeName !== undefined) {
    checkName(errors, specPath.child('source', 'persistentVolumeName'), source.persistentVolumeName, isDNS1123Subdomain)
  }
  return errors
}

function checkSource(errors: FieldError[], source: Source, path: FieldPath): void {
  const { inlineVolumeSpec, persistentVolumeName } = source
  if (inlineVolumeSpec === undefined) {
    if (persistentVolumeName === undefined) errors.push(fieldRequired(path, ONE_SOURCE))
    else if (persistentVolumeName === '')
      errors.push(fieldRequired(path.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'))
  } else if (persistentVolumeName === undefined) {
    checkPersistentVolumeSpec(errors, inlineVolumeSpec, '', path.child('inlineVolumeSpec'), true)
  } else errors.push(fieldForbidden(path, ONE_SOURCE))
}

function checkMetadata(errors: FieldError[], metadata: Record<string, string>, path: FieldPath): void {
  let bytes = 0
  for (const [key, value] of Object.entries(metadata)) bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  if (bytes > MAX_METADATA_BYTES) errors.push(fieldTooLong(path, MAX_METADATA_BYTES))
}

function checkVolumeError(errors: FieldError[], error: VolumeError | undefined, path: FieldPath): void {
  if (error === undefined) return
  const { message = '', errorCode } = error
  // The limit that upstream names is not the one it keeps.
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES)
    errors.push(fieldTooLong(path.child('message'), MAX_METADATA_BYTES))
  if (errorCode !== undefined && errorCode < 0)
    errors.push(fieldInvalid(path.child('errorCode'), errorCode, inclusiveRangeMessage(0, 2 ** 31 - 1)))
}

export function validateVolumeAttachmentUpdate(next: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  const errors = validateVolumeAttachment(next)
  if (!semanticallyEqual(next.spec, old.spec)) {
    const shown = internalForm('storage.VolumeAttachmentSpec', next.spec)
    errors.push(fieldInvalid(specPath, shown, FIELD_IS_IMMUTABLE))
  }
  return errors
}
