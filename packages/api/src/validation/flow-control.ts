// What flow schemas and priority levels have in common: those that must be as they are, and the conditions of their status.
import {
  type FieldError,
  type JsonObject,
  fieldDuplicate,
  fieldInvalid,
  fieldRequired,
  rootPath,
} from '@keelson/apimachinery'
import { bootstrapObjects } from '../bootstrap.ts'
import { semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'

const COLLECTION = '/apis/flowcontrol.apiserver.k8s.io/v1/'
const MANDATORY = ['exempt', 'catch-all']

/** Of the two that every cluster has, the spec never changes. `except`: the one field that may. */
export function checkMandatorySpec(
  errors: FieldError[],
  resource: 'flowschemas' | 'prioritylevelconfigurations',
  type: string,
  name: string | undefined,
  spec: object,
  except?: string,
): void {
  if (name === undefined || !MANDATORY.includes(name)) return
  const fixed = mandatorySpec(resource, name)
  const compared = except === undefined ? spec : { ...spec, [except]: fixed[except] }
  if (semanticallyEqual(compared, fixed)) return
  const exception = except === undefined ? '' : ` except the 'spec.${except}' field`
  const detail = `spec of '${name}'${exception} must equal the fixed value`
  errors.push(fieldInvalid('spec', internalForm(type, spec), detail))
}

function mandatorySpec(resource: string, name: string): JsonObject {
  const found = bootstrapObjects()[COLLECTION + resource]?.find((object) => nameOf(object) === name)
  return found?.['spec'] as JsonObject // Facts: both are there.
}

const nameOf = (object: JsonObject): unknown => (object['metadata'] as JsonObject)['name'] // As above.

export function checkFlowConditions(errors: FieldError[], conditions: readonly { type?: string }[] = []): void {
  const seen = new Set<string>()
  for (const [index, { type = '' }] of conditions.entries()) {
    const path = rootPath.child('status', 'conditions').index(index).child('type')
    if (seen.has(type)) errors.push(fieldDuplicate(path, type))
    seen.add(type)
    if (type === '') errors.push(fieldRequired(path, ''))
  }
}
