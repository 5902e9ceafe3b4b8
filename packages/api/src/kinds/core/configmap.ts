// ConfigMap: keys that can be file names, a limit on the whole, and `immutable`.
import {
  type FieldError,
  type KubeObject,
  fieldForbidden,
  fieldInvalid,
  fieldTooLong,
  isConfigMapKey,
  rootPath,
} from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../../metadata/update-checks.ts'
import type { KindStrategy } from '../../resource.ts'
import { emptiedField } from '../../schema/emptied.ts'
import { semanticallyEqual } from '../../validation/field-checks.ts'
import { age } from '../row.ts'

interface ConfigMap extends KubeObject {
  data?: Record<string, string>
  binaryData?: Record<string, string>
  immutable?: boolean
}

/** 1 MiB: upstream's limit for the values of a ConfigMap or a Secret, in bytes. */
export const MAX_DATA_BYTES = 1024 * 1024
export const IMMUTABLE_IS_SET = 'field is immutable when `immutable` is set'

export const configMapStrategy: KindStrategy = {
  validate: (object) => validateConfigMap(object as ConfigMap), // The schema has checked the types.
  validateUpdate(next, old) {
    const errors = validateImmutable(next as ConfigMap, old as ConfigMap) // As above.
    return [...errors, METADATA_CHECKED.whole, ...validateConfigMap(next as ConfigMap)]
  },
  row(object, now) {
    const { data, binaryData } = object as ConfigMap // As above.
    return [
      object.metadata.name ?? '',
      Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
      age(object, now),
    ]
  },
}

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  let total = 0
  for (const [key, value] of Object.entries(data)) {
    for (const message of isConfigMapKey(key)) errors.push(fieldInvalid(rootPath.child('data').key(key), key, message))
    if (Object.hasOwn(binaryData, key)) {
      errors.push(fieldInvalid(rootPath.child('data').key(key), key, 'duplicate of key present in binaryData'))
    }
    total += Buffer.byteLength(value)
  }
  for (const [key, value] of Object.entries(binaryData)) {
    for (const message of isConfigMapKey(key))
      errors.push(fieldInvalid(rootPath.child('binaryData').key(key), key, message))
    total += base64Bytes(value)
  }
  if (total > MAX_DATA_BYTES) errors.push(fieldTooLong(rootPath, MAX_DATA_BYTES))
  return errors
}

/** The size of what a base64 text stands for. */
export const base64Bytes = (text: string): number => Buffer.byteLength(text, 'base64')

function validateImmutable(next: ConfigMap, old: ConfigMap): FieldError[] {
  if (old.immutable !== true) return []
  const errors: FieldError[] = []
  if (next.immutable !== true) errors.push(fieldForbidden('immutable', IMMUTABLE_IS_SET))
  for (const field of ['data', 'binaryData'] as const) {
    // Upstream tells an empty map from none here.
    const isSame = semanticallyEqual(next[field], old[field]) && emptiedField(next, field) === null
    if (!isSame) errors.push(fieldForbidden(field, IMMUTABLE_IS_SET))
  }
  return errors
}
