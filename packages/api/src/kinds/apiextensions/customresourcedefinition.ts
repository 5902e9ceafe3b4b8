// CustomResourceDefinition: what is stored of it; serving custom resources is another part of the server.
import { type KubeObject, goQuote, nameIsDNSSubdomain } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { isFormatOf } from '../../structural-schema/formats.ts'
import { visitSchemas } from '../../structural-schema/json-schema.ts'
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from '../../validation/definition.ts'
import { definitionForm, sortedTree } from '../../validation/definition-form.ts'
import { schemasOf } from '../../validation/definition-ratchet.ts'
import { type CustomResourceDefinition, type DefinitionSpec, asDefinition } from './definition-types.ts'

export const customResourceDefinitionStrategy: KindStrategy = {
  default(object) {
    const definition = asDefinition(object)
    defaultSpec(definition.spec)
    if (!definition.status.storedVersions?.length) definition.status.storedVersions = storageVersion(definition)
  },
  prepareForCreate(object) {
    object['status'] = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storageVersion(asDefinition(object)),
    }
  },
  /** A version that becomes the stored one is remembered: objects may still be stored in the others. */
  prepareForUpdate(next) {
    const definition = asDefinition(next)
    const [stored] = storageVersion(definition) ?? []
    const { status } = definition
    if (stored === undefined || status.storedVersions?.includes(stored)) return
    next['status'] = { ...status, storedVersions: [...(status.storedVersions ?? []), stored] }
  },
  validate: (object) => validateDefinition(asDefinition(object)),
  validateUpdate: (next, old) => validateDefinitionUpdate(asDefinition(next), asDefinition(old)),
  validateStatusUpdate: (next) => validateDefinitionStatus(asDefinition(next)),
  warnings(next, old) {
    const known = old === undefined ? [] : unrecognizedFormats(old)
    return unrecognizedFormats(next)
      .filter((format) => !known.includes(format))
      .map((format) => `unrecognized format ${goQuote(format)}`)
  },
  nameRuleFor(object) {
    const { names, group } = asDefinition(object).spec
    const required = `${names.plural}.${group}`
    return (name, prefix) => [
      ...nameIsDNSSubdomain(name, prefix),
      ...(name === required ? [] : ['must be spec.names.plural+"."+spec.group']),
    ]
  },
  hasStatus: true,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
}

function defaultSpec(spec: DefinitionSpec): void {
  const { names } = spec
  names.singular ||= names.kind.toLowerCase()
  if (names.singular === '') delete names.singular
  if (names.kind !== '') names.listKind ||= `${names.kind}List`
  const conversion = (spec.conversion ??= { strategy: 'None' })
  const { webhook } = conversion
  if (webhook?.clientConfig?.service !== undefined) webhook.clientConfig.service.port ??= 443
  // Upstream's own types have no struct around the two, and keep only what is in it.
  if (webhook !== undefined && webhook.clientConfig === undefined && !webhook.conversionReviewVersions?.length)
    delete conversion.webhook
  for (const schema of schemasOf(spec)) visitSchemas(schema, sortValues)
}

/** Values in schemas become Go's maps for a while, and lose the order of their members. */
function sortValues(schema: Parameters<Parameters<typeof visitSchemas>[1]>[0]): void {
  if (typeof schema.default === 'object') schema.default = sortedTree(schema.default)
  if (typeof schema.example === 'object') schema.example = sortedTree(schema.example)
  if (schema.enum !== undefined) schema.enum = schema.enum.map(sortedTree)
}

/** The name of the first version that is marked so, in a list; null when there is none. */
function storageVersion({ spec }: CustomResourceDefinition): string[] | null {
  const version = spec.versions?.find(({ storage }) => storage)
  return version === undefined ? null : [version.name]
}

/** Formats that nothing is known about for the type that they stand with. Each schema that versions share is looked at once. */
function unrecognizedFormats(object: KubeObject): string[] {
  const { shared, versions } = definitionForm(asDefinition(object).spec)
  const formats: string[] = []
  for (const { schema } of [shared, ...versions]) {
    if (schema?.openAPIV3Schema === undefined) continue
    visitSchemas(schema.openAPIV3Schema, ({ type = '', format = '' }) => {
      if (format !== '' && !isFormatOf(type, format)) formats.push(format)
    })
  }
  return formats
}
