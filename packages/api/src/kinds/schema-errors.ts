// What the schema alone finds wrong: for kinds whose own rules are about changes only.
import type { FieldError, KubeObject } from '@keelson/apimachinery'
import { parseApiVersion } from '@keelson/apimachinery'
import { schemaOfKind } from '../schema/index.ts'

export function schemaErrors(object: KubeObject): FieldError[] {
  const groupVersion = parseApiVersion(object.apiVersion)
  if (groupVersion === undefined) return []
  return schemaOfKind({ ...groupVersion, kind: object.kind })?.validate(object) ?? []
}
