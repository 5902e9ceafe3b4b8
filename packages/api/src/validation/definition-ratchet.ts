// What a stored CustomResourceDefinition may keep, though it would be refused today: rules were added over time, and whoever
// changes something else must not have to keep them.
import { rootPath } from '@keelson/apimachinery'
import type { CustomResourceDefinition, DefinitionSpec } from '../kinds/apiextensions/definition-types.ts'
import { hasDefaults, hasUnprunedDefaults } from '../structural-schema/defaults.ts'
import { type JsonSchema, someSchema, unreadable } from '../structural-schema/json-schema.ts'
import { structuralErrors } from '../structural-schema/structural-rules.ts'
import { caBundleProblem } from './ca-bundle.ts'
import type { ConversionOptions } from './definition-conversion.ts'
import { hasKnownReviewVersion } from './review-versions.ts'
import { checkMapKeys, hasAtomicItems } from './definition-list-rules.ts'
import { type SchemaOptions, isValidType } from './definition-schema.ts'
import { MAX_SELECTABLE_FIELDS } from './definition-version.ts'
import { semanticallyEqual } from './field-checks.ts'

export interface DefinitionOptions extends SchemaOptions, ConversionOptions {
  readonly requireSchemas: boolean
  readonly requireStructural: boolean
  readonly requirePrunedDefaults: boolean
  /** Kind and scope cannot change once there may be custom resources. */
  readonly requireImmutableNames: boolean
  /** Versions that have too many already, and keep them. */
  readonly manySelectableFields: ReadonlySet<string>
}

export const STRICT: DefinitionOptions = {
  requireValidTypes: true,
  requireAtomicSets: true,
  requireMapKeys: true,
  requireKnownReviewVersion: true,
  allowInvalidCABundle: true,
  requireSchemas: true,
  requireStructural: true,
  requirePrunedDefaults: true,
  requireImmutableNames: false,
  manySelectableFields: new Set(),
}

export function optionsFor(next: CustomResourceDefinition, old: CustomResourceDefinition): DefinitionOptions {
  const schemas = schemasOf(old.spec)
  const none = (test: (schema: JsonSchema) => boolean): boolean => !schemas.some((schema) => someSchema(schema, test))
  const isEstablished = old.status.conditions?.find(({ type }) => type === 'Established')?.status === 'True'
  const reviewVersions = old.spec.conversion?.webhook?.conversionReviewVersions ?? []
  const oldBundle = old.spec.conversion?.webhook?.clientConfig?.caBundle ?? ''
  return {
    requireValidTypes: none(({ type = '' }) => type !== '' && !isValidType(type)),
    requireAtomicSets: none((schema) => !hasAtomicItems(schema)),
    requireMapKeys: none(hasLooseMapKeys),
    requireKnownReviewVersion: reviewVersions.length === 0 || hasKnownReviewVersion(reviewVersions),
    allowInvalidCABundle: !isEstablished || caBundleProblem(oldBundle) !== undefined,
    requireSchemas: (old.spec.versions ?? []).every(({ schema }) => schema?.openAPIV3Schema !== undefined),
    requireStructural: schemas.every(isStructural),
    requirePrunedDefaults: !schemas.some(
      (schema) => hasDefaults(schema) && isStructural(schema) && hasUnprunedDefaults(schema),
    ),
    requireImmutableNames: isEstablished,
    manySelectableFields: manySelectableFields(next.spec, old.spec),
  }
}

export const schemasOf = ({ versions }: DefinitionSpec): JsonSchema[] =>
  (versions ?? []).flatMap(({ schema }) => schema?.openAPIV3Schema ?? [])

/** Whoever uses them must keep all rules of structural schemas. */
export const hasExtensions = (schema: JsonSchema): boolean =>
  someSchema(
    schema,
    (inner) =>
      inner['x-kubernetes-embedded-resource'] === true ||
      inner['x-kubernetes-preserve-unknown-fields'] !== undefined ||
      inner['x-kubernetes-int-or-string'] === true ||
      inner['x-kubernetes-list-type'] !== undefined ||
      Boolean(inner['x-kubernetes-list-map-keys']?.length) ||
      Boolean(inner['x-kubernetes-validations']?.length),
  )

const isStructural = (schema: JsonSchema): boolean =>
  unreadable(schema) === undefined && structuralErrors(schema, rootPath).length === 0

function hasLooseMapKeys(schema: JsonSchema): boolean {
  const errors: Parameters<typeof checkMapKeys>[0] = []
  checkMapKeys(errors, schema, rootPath)
  return errors.length > 0
}

function manySelectableFields(next: DefinitionSpec, old: DefinitionSpec): Set<string> {
  const names = new Set<string>()
  for (const { name, selectableFields: fields = [] } of next.versions ?? []) {
    const before = old.versions?.find((version) => version.name === name)?.selectableFields ?? []
    if (before.length > MAX_SELECTABLE_FIELDS && semanticallyEqual(fields, before)) names.add(name)
  }
  return names
}
