// Paths of files inside volumes: relative, and never out of the volume.
import { type FieldError, type FieldPath, fieldInvalid, fieldRequired } from '@keelson/apimachinery'
import type { KeyToPath } from '../kinds/core/pod-types.ts'

export const FILE_MODE_RANGE = 'must be a number between 0 and 0777 (octal), both inclusive'

export function checkNoBacksteps(errors: FieldError[], filePath: string, path: FieldPath): void {
  if (filePath.includes('..') && filePath.split('/').includes('..'))
    errors.push(fieldInvalid(path, filePath, "must not contain '..'"))
}

export function checkDescendingPath(errors: FieldError[], filePath: string, path: FieldPath): void {
  if (filePath.startsWith('/')) errors.push(fieldInvalid(path, filePath, 'must be a relative path'))
  checkNoBacksteps(errors, filePath, path)
}

/** Names that begin with `..` belong to the writer of the volume. */
export function checkNonReservedPath(errors: FieldError[], filePath: string, path: FieldPath): void {
  checkDescendingPath(errors, filePath, path)
  if (filePath.startsWith('..') && !filePath.startsWith('../')) {
    errors.push(fieldInvalid(path, filePath, "must not start with '..'"))
  }
}

export function checkFileMode(errors: FieldError[], mode: number | undefined, path: FieldPath, name: string): void {
  if (mode !== undefined && (mode > 0o777 || mode < 0))
    errors.push(fieldInvalid(path.child(name), mode, FILE_MODE_RANGE))
}

/** The keys of a ConfigMap or a Secret that become files, and which. */
export function checkItems(errors: FieldError[], items: readonly KeyToPath[] | undefined, path: FieldPath): void {
  items?.forEach(({ key, path: filePath = '', mode }, index) => {
    const at = path.child('items').index(index)
    if (!key) errors.push(fieldRequired(at.child('key'), ''))
    if (filePath === '') errors.push(fieldRequired(at.child('path'), ''))
    checkNonReservedPath(errors, filePath, at.child('path'))
    checkFileMode(errors, mode, at, 'mode')
  })
}
