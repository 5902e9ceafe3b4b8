// Secret: like a ConfigMap, with a type that may ask for certain keys. `stringData` is merged into `data` before it is stored.
import {
  type FieldError,
  type KubeObject,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  fieldTooLong,
  isConfigMapKey,
  rootPath,
} from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../../metadata/update-checks.ts'
import type { KindStrategy } from '../../resource.ts'
import { checkImmutable, semanticallyEqual } from '../../validation/field-checks.ts'
import { jsonSyntaxError } from '../../validation/json-syntax.ts'
import { age } from '../row.ts'
import { IMMUTABLE_IS_SET, MAX_DATA_BYTES, base64Bytes } from './configmap.ts'
import { keyPairWarning } from './key-pair.ts'

interface Secret extends KubeObject {
  type?: string
  data?: Record<string, string>
  stringData?: Record<string, string>
  immutable?: boolean
}

// The schema has checked the types of what all these functions get.
const asSecret = (object: KubeObject): Secret => object as Secret
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name'
const dataPath = rootPath.child('data')

export const secretStrategy: KindStrategy = {
  default(object) {
    const secret = asSecret(object)
    secret.type ||= 'Opaque'
    if (secret.stringData === undefined) return
    const data = (secret.data ??= {})
    for (const [key, value] of Object.entries(secret.stringData)) data[key] = Buffer.from(value).toString('base64')
    delete secret.stringData
  },
  validate: (object) => validateSecret(asSecret(object)),
  validateUpdate(next, old) {
    const errors: FieldError[] = []
    checkImmutable(errors, asSecret(next).type, asSecret(old).type, rootPath.child('type'))
    validateImmutable(errors, asSecret(next), asSecret(old))
    return [...errors, METADATA_CHECKED.whole, ...validateSecret(asSecret(next))]
  },
  warnings(next) {
    const { type, data = {} } = asSecret(next)
    if (type !== 'kubernetes.io/tls') return []
    const warning = keyPairWarning(data['tls.crt'], data['tls.key'])
    return warning === undefined ? [] : [warning]
  },
  selectable: ['type'],
  selectableFields: (object) => ({ type: asSecret(object).type ?? '' }),
  row(object, now) {
    const { metadata, type = '', data = {} } = asSecret(object)
    return [metadata.name ?? '', type, Object.keys(data).length, age(object, now)]
  },
}

function validateSecret(secret: Secret): FieldError[] {
  const errors: FieldError[] = []
  const data = secret.data ?? {}
  let total = 0
  for (const [key, value] of Object.entries(data)) {
    for (const message of isConfigMapKey(key)) errors.push(fieldInvalid(dataPath.key(key), key, message))
    total += base64Bytes(value)
  }
  if (total > MAX_DATA_BYTES) errors.push(fieldTooLong(dataPath, MAX_DATA_BYTES))
  validateType(errors, secret, data)
  return errors
}

function validateType(errors: FieldError[], { type, metadata }: Secret, data: Record<string, string>): void {
  const requireKeys = (...keys: string[]): void => {
    for (const key of keys) if (!Object.hasOwn(data, key)) errors.push(fieldRequired(dataPath.key(key), ''))
  }
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.[SERVICE_ACCOUNT_NAME]) {
        errors.push(fieldRequired(rootPath.child('metadata', 'annotations').key(SERVICE_ACCOUNT_NAME), ''))
      }
      return
    case 'kubernetes.io/dockercfg':
      return requireJson(errors, data, '.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return requireJson(errors, data, '.dockerconfigjson')
    case 'kubernetes.io/basic-auth':
      if (!Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) requireKeys('username', 'password')
      return
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(fieldRequired(dataPath.key('ssh-privatekey'), ''))
      return
    case 'kubernetes.io/tls':
      requireKeys('tls.crt', 'tls.key')
  }
}

/** The content is a secret: its errors never repeat it, but for the byte that is wrong. */
function requireJson(errors: FieldError[], data: Record<string, string>, key: string): void {
  const value = data[key]
  if (value === undefined) return void errors.push(fieldRequired(dataPath.key(key), ''))
  const problem = jsonSyntaxError(Buffer.from(value, 'base64').toString('latin1'))
  if (problem !== undefined) errors.push(fieldInvalid(dataPath.key(key), '<secret contents redacted>', problem))
}

function validateImmutable(errors: FieldError[], next: Secret, old: Secret): void {
  if (old.immutable !== true) return
  if (next.immutable !== true) errors.push(fieldForbidden('immutable', IMMUTABLE_IS_SET))
  if (!semanticallyEqual(next.data, old.data)) errors.push(fieldForbidden('data', IMMUTABLE_IS_SET))
}
