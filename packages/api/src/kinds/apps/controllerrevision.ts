// ControllerRevision: a state that a workload can go back to. Its data never changes.
import {
  type FieldError,
  type KubeObject,
  fieldInvalid,
  fieldRequired,
  parseApiVersion,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { FIELD_IS_IMMUTABLE, checkNotNegative } from '../../validation/field-checks.ts'
import { NONE, age } from '../row.ts'

interface ControllerRevision extends KubeObject {
  revision?: number
  data?: unknown
}

// The schema has checked the types of what all these functions get.
const asRevision = (object: KubeObject): ControllerRevision => object as ControllerRevision

export const controllerRevisionStrategy: KindStrategy = {
  validate: (object) => validateRevision(asRevision(object)),
  validateUpdate(next, old) {
    const errors: FieldError[] = []
    checkNotNegative(errors, asRevision(next).revision, rootPath, 'revision')
    // Upstream compares the JSON as text.
    const { data } = asRevision(next)
    if (JSON.stringify(data) !== JSON.stringify(asRevision(old).data))
      errors.push(fieldInvalid('data', data ?? null, FIELD_IS_IMMUTABLE))
    return errors
  },
  row: (object, now) => [
    object.metadata.name ?? '',
    ownerCell(object),
    asRevision(object).revision ?? 0,
    age(object, now),
  ],
}

function validateRevision({ revision, data }: ControllerRevision): FieldError[] {
  const errors: FieldError[] = []
  checkNotNegative(errors, revision, rootPath, 'revision')
  if (data === undefined || data === null) errors.push(fieldRequired('data', 'data is mandatory'))
  else if (typeof data !== 'object' || Array.isArray(data))
    errors.push(fieldRequired('data', 'data must be a valid JSON object'))
  return errors
}

function ownerCell({ metadata }: KubeObject): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  if (owner === undefined) return NONE
  const group = parseApiVersion(owner.apiVersion)?.group ?? ''
  return `${group === '' ? owner.kind : `${owner.kind}.${group}`}/`.toLowerCase() + owner.name
}
