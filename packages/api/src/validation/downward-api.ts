// Files that show fields of the pod or resources of its containers.
import { type FieldError, type FieldPath, fieldInvalid, fieldRequired } from '@keelson/apimachinery'
import type { DownwardFile } from '../kinds/core/pod-types.ts'
import { checkObjectField, checkResourceField } from './environment.ts'
import { checkFileMode, checkNonReservedPath } from './file-paths.ts'

const VOLUME_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.annotations',
  'metadata.uid',
]

/** `path` is that of the volume: upstream does not say which of its files is wrong. */
export function checkFiles(errors: FieldError[], file: DownwardFile, path: FieldPath): void {
  const { path: filePath = '', fieldRef, resourceFieldRef, mode } = file
  if (filePath === '') errors.push(fieldRequired(path.child('path'), ''))
  checkNonReservedPath(errors, filePath, path.child('path'))
  if (fieldRef !== undefined) {
    checkObjectField(errors, fieldRef, VOLUME_FIELDS, path.child('fieldRef'))
    if (resourceFieldRef !== undefined) {
      errors.push(fieldInvalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
    }
  } else if (resourceFieldRef !== undefined)
    checkResourceField(errors, resourceFieldRef, path.child('resourceFieldRef'), true)
  else errors.push(fieldRequired(path, 'one of fieldRef and resourceFieldRef is required'))
  checkFileMode(errors, mode, path, 'mode')
}
