// What a CustomResourceDefinition may say: on create, on update, and in its status.
import {
  type FieldError,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1035Label,
  isDNS1123Subdomain,
  rootPath,
  append,
} from '@keelson/apimachinery'
import type { CustomResourceDefinition, DefinitionSpec } from '../kinds/apiextensions/definition-types.ts'
import { hasDefaults } from '../structural-schema/defaults.ts'
import { checkApproval } from './api-approval.ts'
import { checkContent } from './definition-content.ts'
import { checkConversion } from './definition-conversion.ts'
import { type DefinitionForm, definitionForm, versionsValue } from './definition-form.ts'
import { checkNames, checkNamesGiven } from './definition-names.ts'
import { type DefinitionOptions, STRICT, hasExtensions, optionsFor, schemasOf } from './definition-ratchet.ts'
import { checkDeprecationWarning } from './definition-version.ts'
import { checkImmutable } from './field-checks.ts'

const specPath = rootPath.child('spec')
const statusPath = rootPath.child('status')
const SCOPES = ['Cluster', 'Namespaced']

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = []
  checkSpec(errors, definition.spec, STRICT)
  checkRest(errors, definition)
  if (definition.spec.preserveUnknownFields === true) refusePreserving(errors)
  return errors
}

export function validateDefinitionUpdate(next: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = []
  const options = optionsFor(next, old)
  checkSpec(errors, next.spec, options)
  const keep = (field: 'names' | undefined, name: 'scope' | 'group' | 'kind' | 'plural'): void => {
    const [after, before] = field === undefined ? [next.spec, old.spec] : [next.spec.names, old.spec.names]
    const value = (holder: object): unknown => Reflect.get(holder, name)
    checkImmutable(
      errors,
      value(after),
      value(before),
      field === undefined ? specPath.child(name) : specPath.child(field, name),
    )
  }
  if (options.requireImmutableNames) {
    keep(undefined, 'scope')
    keep('names', 'kind')
  }
  keep(undefined, 'group')
  keep('names', 'plural')
  checkRest(errors, next, old)
  if (old.spec.preserveUnknownFields !== true && next.spec.preserveUnknownFields === true) refusePreserving(errors)
  return errors
}

export function validateDefinitionStatus({ status }: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = []
  checkNames(errors, status.acceptedNames, statusPath.child('acceptedNames'))
  return errors
}

function checkRest(errors: FieldError[], next: CustomResourceDefinition, old?: CustomResourceDefinition): void {
  append(errors, validateDefinitionStatus(next))
  checkStoredVersions(errors, next)
  checkApproval(errors, next, old)
}

function refusePreserving(errors: FieldError[]): void {
  const detail =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  errors.push(fieldInvalid(specPath.child('preserveUnknownFields'), true, detail))
}

function checkStoredVersions(errors: FieldError[], { spec, status }: CustomResourceDefinition): void {
  const stored = status.storedVersions ?? []
  const path = statusPath.child('storedVersions')
  if (stored.length === 0)
    return void errors.push(fieldInvalid(path, status.storedVersions, 'must have at least one stored version'))
  const versions = spec.versions ?? []
  for (const { name, storage } of versions)
    if (storage && !stored.includes(name))
      errors.push(fieldInvalid(path, stored, `must have the storage version ${name}`))
  for (const [index, name] of stored.entries()) {
    if (stored.lastIndexOf(name) !== index || versions.some((version) => version.name === name)) continue
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    errors.push(fieldInvalid(path.index(index), name, detail))
  }
}

function checkSpec(errors: FieldError[], spec: DefinitionSpec, given: DefinitionOptions): void {
  const form = definitionForm(spec)
  checkGroup(errors, spec.group)
  if (spec.scope === '') errors.push(fieldRequired(specPath.child('scope'), ''))
  else if (!SCOPES.includes(spec.scope)) errors.push(fieldNotSupported(specPath.child('scope'), spec.scope, SCOPES))
  const preserves = spec.preserveUnknownFields === true
  checkSchemasGiven(errors, spec, form, given.requireSchemas, preserves)
  const options = {
    ...given,
    requireStructural: given.requireStructural || !preserves || schemasOf(spec).some(hasExtensions),
  }
  if (schemasOf(spec).some(hasDefaults)) {
    options.requireStructural = true
    if (preserves) {
      const detail = 'must be false in order to use defaults in the schema'
      errors.push(fieldInvalid(specPath.child('preserveUnknownFields'), true, detail))
    }
  }
  checkVersions(errors, form, options)
  const first = form.versions[0]?.name ?? ''
  const messages = first === '' ? [] : isDNS1035Label(first)
  if (messages.length > 0) errors.push(fieldInvalid(specPath.child('version'), first, messages.join(',')))
  checkNamesGiven(errors, spec.names, specPath.child('names'))
  checkNames(errors, spec.names, specPath.child('names'))
  const subresources = [form.shared, ...form.versions].some((content) => content.subresources?.status !== undefined)
  checkContent(errors, form.shared, specPath, { subresources, name: undefined }, options)
  const path = specPath.child('conversion')
  if (spec.conversion === undefined) return
  if (spec.conversion.strategy !== 'None' && preserves) {
    const detail = 'must be None if spec.preserveUnknownFields is true'
    errors.push(fieldInvalid(path.child('strategy'), spec.conversion.strategy, detail))
  }
  checkConversion(errors, spec.conversion, path, options)
}

function checkGroup(errors: FieldError[], group: string): void {
  const path = specPath.child('group')
  const messages = isDNS1123Subdomain(group)
  if (group === '') errors.push(fieldRequired(path, ''))
  else if (messages.length > 0) errors.push(fieldInvalid(path, group, messages.join(',')))
  else if (!group.includes('.')) errors.push(fieldInvalid(path, group, 'should be a domain with at least one dot'))
}

/** Where there is no schema for all, each version needs one; those stored without may stay so while they are not served. */
function checkSchemasGiven(
  errors: FieldError[],
  spec: DefinitionSpec,
  { shared, versions }: DefinitionForm,
  isRequired: boolean,
  preserves: boolean,
): void {
  if (shared.schema?.openAPIV3Schema !== undefined || (!isRequired && preserves)) return
  for (const [index, { served, schema }] of versions.entries()) {
    if (schema?.openAPIV3Schema !== undefined || (!isRequired && !served)) continue
    const path = specPath.child('versions').index(index).child('schema', 'openAPIV3Schema')
    errors.push(fieldRequired(path, isRequired ? '' : 'because otherwise all fields are pruned'))
  }
}

function checkVersions(errors: FieldError[], form: DefinitionForm, options: DefinitionOptions): void {
  const path = specPath.child('versions')
  const { shared, versions } = form
  const hasOwnSubresources = versions.some(({ subresources }) => subresources !== undefined)
  for (const [index, version] of versions.entries()) {
    const where = path.index(index)
    const messages = isDNS1035Label(version.name)
    if (messages.length > 0) errors.push(fieldInvalid(where.child('name'), version.name, messages.join(',')))
    checkDeprecationWarning(errors, version, where)
    // Of two versions with one name, the first one's count.
    const named = versions.find(({ name }) => name === version.name)
    const { status } = (hasOwnSubresources ? named?.subresources : shared.subresources) ?? {}
    checkContent(errors, version, where, { subresources: status !== undefined, name: version.name }, options)
  }
  const refuse = (detail: string): void => void errors.push(fieldInvalid(path, versionsValue(form), detail))
  if (new Set(versions.map(({ name }) => name)).size < versions.length) refuse('must contain unique version names')
  if (versions.filter(({ storage }) => storage).length !== 1)
    refuse('must have exactly one version marked as storage version')
}
