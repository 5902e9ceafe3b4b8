// apiextensions/v1beta1 CustomResourceDefinition, the form in which upstream stores them, read into v1. v1beta1 says once for
// all versions what v1 says per version, names a column's path differently, and has the conversion webhook in two fields.
import type { KubeObject } from '@keelson/apimachinery'

type Fields = Record<string, unknown>

interface Column extends Fields {
  name: string
}

interface Version extends Fields {
  name: string
  served: boolean
  storage: boolean
  additionalPrinterColumns?: Column[] | null
}

interface Conversion extends Fields {
  strategy: string
}

interface SpecV1beta1 extends Fields {
  versions?: Version[]
  conversion?: Conversion
}

/** Name in v1beta1's spec, and the name that it has in each version of v1. */
const OF_ALL_VERSIONS = [
  ['validation', 'schema'],
  ['subresources', 'subresources'],
  ['additionalPrinterColumns', 'additionalPrinterColumns'],
  ['selectableFields', 'selectableFields'],
] as const

/** In place, and shared parts of the spec stay shared between its versions. Defaults are v1beta1's. */
export function customResourceDefinitionFromV1beta1(object: KubeObject): void {
  // A server that knows the version wrote it, so its types are right.
  const { version, preserveUnknownFields = true, ...spec } = (object['spec'] ?? {}) as SpecV1beta1
  const versions =
    spec.versions ?? (typeof version === 'string' ? [{ name: version, served: true, storage: true }] : undefined)
  for (const [ofAll, inVersion] of OF_ALL_VERSIONS) {
    const value = take(spec, ofAll)
    if (value !== undefined) for (const each of versions ?? []) Object.assign(each, { [inVersion]: value })
  }
  for (const { additionalPrinterColumns } of versions ?? []) renamePaths(additionalPrinterColumns ?? [])
  const conversion = spec.conversion ?? { strategy: 'None' }
  moveWebhook(conversion)
  object['spec'] = {
    ...spec,
    scope: spec['scope'] || 'Namespaced',
    versions: versions ?? null,
    conversion,
    ...(preserveUnknownFields === true && { preserveUnknownFields }), // v1 leaves out what is false.
  }
}

function renamePaths(columns: readonly Column[]): void {
  for (const column of columns) {
    const path = take(column, 'JSONPath')
    if (path !== undefined) column['jsonPath'] = path
  }
}

function moveWebhook(conversion: Conversion): void {
  const clientConfig = take(conversion, 'webhookClientConfig')
  const reviewVersions =
    take(conversion, 'conversionReviewVersions') ?? (conversion.strategy === 'Webhook' ? ['v1beta1'] : undefined)
  if (clientConfig === undefined && reviewVersions === undefined) return
  conversion['webhook'] = {
    ...(clientConfig !== undefined && { clientConfig }),
    conversionReviewVersions: reviewVersions ?? null,
  }
}

function take(object: Fields, name: string): unknown {
  const value = object[name]
  delete object[name]
  return value ?? undefined
}
