// The one OpenAPI v2 document: the paths of all v3 documents, and the definitions that they lead to. Some 2 MB.
import { setImmediate } from 'node:timers/promises'
import { append } from '@keelson/apimachinery'
import { readFacts } from '../facts.ts'
import { type OpenApiSchema, openApiSchemaNames } from '../schema/openapi-schema.ts'
import type { ServedResources } from '../served.ts'
import { type DocumentParts, readDocumentParts } from './document-parts.ts'
import {
  type DocumentFormat,
  SHARED_KINDS,
  describedSchema,
  encodeAll,
  jsonMember,
  openApiHashes,
} from './documents.ts'
import { encodeVersion2 } from './gnostic-version2.ts'
import { describePathItem, describeSecurityScheme } from './operation-descriptions.ts'
import { isServedPath, reachableSchemas } from './served-paths.ts'
import { toDefinition } from './version2-definition.ts'
import { SharedParameters, toVersion2Path } from './version2-paths.ts'

/** The document as JSON, or in the protobuf of gnostic-models that kubectl asks for. */
export async function openApiVersion2(served: ServedResources, format: DocumentFormat): Promise<Buffer> {
  const shared = new SharedParameters()
  const texts: string[] = []
  const paths = async <Encoded>(encode: (name: string, value: object) => Encoded): Promise<Encoded[]> => {
    const encoded: Encoded[] = []
    for (const document of openApiHashes(served).keys()) {
      const parts = readDocumentParts(document)
      await setImmediate()
      if (!served.isComplete) texts.push(JSON.stringify(servedPaths(served, parts)))
      const pieces = () => servedPaths(served, parts).map(([path, item]) => [path, convert(path, item)] as const)
      append(encoded, await encodeAll(pieces, encode))
    }
    return encoded
  }
  const convert = (path: string, item: DocumentParts['paths'][string]): object =>
    toVersion2Path(path, describePathItem(path, item), shared)
  const definitions = () => definitionsOf(served.isComplete ? undefined : texts.join())
  const common = () => ({
    parameters: Object.fromEntries(shared.byName),
    securityDefinitions: securityDefinitions(),
    security: [{ BearerToken: [] }],
  })
  const head = { swagger: '2.0', info: readDocumentParts('version').info }
  if (format === 'protobuf') {
    const encoded = { paths: await paths(encodeVersion2.path) }
    return encodeVersion2.document({
      ...head,
      ...encoded,
      definitions: await encodeAll(definitions, encodeVersion2.definition),
      ...common(),
    })
  }
  const pathTexts = await paths(jsonMember)
  const definitionTexts = await encodeAll(definitions, jsonMember)
  const start = JSON.stringify(head).slice(0, -1)
  const end = JSON.stringify(common()).slice(1)
  return Buffer.from(`${start},"paths":{${pathTexts.join(',')}},"definitions":{${definitionTexts.join(',')}},${end}`)
}

const servedPaths = (served: ServedResources, { paths }: DocumentParts) =>
  Object.entries(paths).filter(([path]) => isServedPath(served, path))

function* definitionsOf(pathsText: string | undefined): Generator<readonly [string, object]> {
  const all = openApiSchemaNames()
  for (const name of pathsText === undefined ? all : reachableSchemas(all, pathsText)) {
    const schema = describedSchema(name)
    if (schema !== undefined) yield [name, toDefinition(ofEveryGroupVersion(name, schema))]
  }
}

/** Kinds that every group version has, also those that are not served. */
function ofEveryGroupVersion(name: string, schema: OpenApiSchema): OpenApiSchema {
  const kind = name.slice(name.lastIndexOf('.') + 1)
  if (!SHARED_KINDS.has(kind)) return schema
  const known = readFacts<readonly (readonly [group: string, version: string])[]>('group-versions.json')
  const kinds: object = {
    'x-kubernetes-group-version-kind': known.map(([group, version]) => ({ group, kind, version })),
  }
  return { ...schema, ...kinds }
}

function securityDefinitions(): object {
  const { BearerToken } = readDocumentParts('version').components.securitySchemes ?? {}
  return BearerToken === undefined ? {} : { BearerToken: describeSecurityScheme(BearerToken) }
}
