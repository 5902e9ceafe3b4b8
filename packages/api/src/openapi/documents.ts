// The OpenAPI documents of a server: one of v3 for each group version, and the one of v2. They are put together when they are
// asked for, a piece at a time, because a document has up to two megabytes and a tree of it would cost ten times that.
// Descriptions come from generated/prose where an installation has made it (scripts/prose.ts).
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { readFacts } from '../facts.ts'
import type { ServedResources } from '../served.ts'
import { openApiSchema, type OpenApiSchema } from '../schema/openapi-schema.ts'
import { describeSchema } from './describe.ts'
import { type DocumentParts, type PathItem, readDocumentParts } from './document-parts.ts'
import { encodeVersion3 } from './gnostic-version3.ts'
import { DESCRIPTIONS, describePathItem, describeSecurityScheme } from './operation-descriptions.ts'
import { proseFingerprint, proseOf } from './prose.ts'
import { isServedPath, reachableSchemas } from './served-paths.ts'

export type DocumentFormat = 'json' | 'protobuf'

/** Of encoding pieces, before the event loop gets its turn again; the first time a schema is read takes ten times the second. */
const TURN_MS = 2

/** Paths of documents below /openapi/v3/ (`apis/apps/v1`), in order, each with a hash that changes with its content. */
export function openApiHashes(served: ServedResources): ReadonlyMap<string, string> {
  const content = [proseFingerprint(), DESCRIPTIONS, ...(served.isComplete ? [] : [servedNames(served)])]
  return new Map(
    Object.entries(readFacts<Record<string, string>>('openapi-hashes.json'))
      .filter(([path]) => isServedPath(served, `/${path}/`))
      .map(([path, hash]) => [path, sha512([hash, ...content])]),
  )
}

const servedNames = ({ groupVersions }: ServedResources): string =>
  groupVersions.flatMap(({ resources }) => resources.map((item) => `${item.group}/${item.resource}`)).join()

function sha512(texts: readonly string[]): string {
  const hash = createHash('sha512')
  for (const text of texts) hash.update(text)
  return hash.digest('hex').toUpperCase()
}

/** A v3 document; undefined for a path that has none. */
export async function openApiDocument(
  served: ServedResources,
  path: string,
  format: DocumentFormat = 'json',
): Promise<Buffer | undefined> {
  const isKnown = Object.hasOwn(readFacts<object>('openapi-hashes.json'), path)
  if (!isKnown || !isServedPath(served, `/${path}/`)) return undefined
  const parts = readDocumentParts(path)
  await setImmediate()
  const paths = pathsOf(parts, served, describePathItem)
  const schemas = schemasOf(parts, path, served, describedSchema)
  return format === 'json' ? jsonDocument(parts, paths, schemas) : protobufDocument(parts, paths, schemas)
}

/** As it was recorded, without a description: what the tests compare. */
export function recordedDocument(served: ServedResources, path: string): Promise<Buffer> {
  const parts = readDocumentParts(path)
  const paths = pathsOf(parts, served, (_, item) => item)
  return jsonDocument(parts, paths, schemasOf(parts, path, served, openApiSchema), (scheme) => scheme)
}

type Pieces<Value> = () => Iterable<readonly [name: string, value: Value]>

function pathsOf(
  parts: DocumentParts,
  served: ServedResources,
  describe: (path: string, item: PathItem) => PathItem,
): Pieces<PathItem> {
  return function* () {
    for (const [path, item] of Object.entries(parts.paths))
      if (served.isComplete || isServedPath(served, path)) yield [path, describe(path, item)]
  }
}

function schemasOf(
  { paths, components }: DocumentParts,
  path: string,
  served: ServedResources,
  schemaOf: (name: string) => OpenApiSchema | undefined,
): Pieces<OpenApiSchema> | undefined {
  if (components.schemas === undefined) return undefined
  const names = served.isComplete
    ? components.schemas
    : reachableSchemas(
        components.schemas,
        JSON.stringify(Object.entries(paths).filter(([each]) => isServedPath(served, each))),
      )
  return function* () {
    for (const name of names) {
      const schema = schemaOf(name) ?? {}
      yield [name, inGroupVersion(schema, name.slice(name.lastIndexOf('.') + 1), path)]
    }
  }
}

async function jsonDocument(
  { openapi, info, components }: DocumentParts,
  paths: Pieces<PathItem>,
  schemas: Pieces<OpenApiSchema> | undefined,
  describeScheme = describeSecurityScheme,
): Promise<Buffer> {
  const { securitySchemes } = components
  const schemes = securitySchemes && describeAll(securitySchemes, describeScheme)
  const members = [
    ...(schemas === undefined ? [] : [`"schemas":{${(await encodeAll(schemas, jsonMember)).join(',')}}`]),
    ...(schemes === undefined ? [] : [`"securitySchemes":${JSON.stringify(schemes)}`]),
  ]
  const head = JSON.stringify({ openapi, info }).slice(0, -1)
  const pathTexts = await encodeAll(paths, jsonMember)
  return Buffer.from(`${head},"paths":{${pathTexts.join(',')}},"components":{${members.join(',')}}}`)
}

async function protobufDocument(
  { openapi, info, components }: DocumentParts,
  paths: Pieces<PathItem>,
  schemas: Pieces<OpenApiSchema> | undefined,
): Promise<Buffer> {
  const { securitySchemes } = components
  return encodeVersion3.document({
    openapi,
    info,
    paths: await encodeAll(paths, encodeVersion3.path),
    schemas: schemas === undefined ? [] : await encodeAll(schemas, encodeVersion3.schema),
    securitySchemes: securitySchemes === undefined ? {} : describeAll(securitySchemes, describeSecurityScheme),
  })
}

const describeAll = <Value>(values: Readonly<Record<string, Value>>, describe: (value: Value) => Value) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, describe(value)]))

export const jsonMember = (name: string, value: object): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`

/** Gives the loop its turn between pieces. */
export async function encodeAll<Value, Encoded>(
  pieces: Pieces<Value>,
  encode: (name: string, value: Value) => Encoded,
): Promise<Encoded[]> {
  const encoded: Encoded[] = []
  let turnEndMs = performance.now() + TURN_MS
  for (const [name, value] of pieces()) {
    encoded.push(encode(name, value))
    if (performance.now() < turnEndMs) continue
    await setImmediate()
    turnEndMs = performance.now() + TURN_MS
  }
  return encoded
}

/** A type's schema with the descriptions that there are; undefined for an unknown type. */
export function describedSchema(name: string): OpenApiSchema | undefined {
  const schema = openApiSchema(name)
  const prose = schema && proseOf(name)
  return prose === undefined ? schema : describeSchema(schema ?? {}, prose)
}

/** Kinds that every group version has: a document says its own group version beside the core one. */
export const SHARED_KINDS: ReadonlySet<string> = new Set(['DeleteOptions', 'WatchEvent'])

function inGroupVersion(schema: OpenApiSchema, kind: string, path: string): OpenApiSchema {
  const [root, group, version] = path.split('/')
  if (root !== 'apis' || !SHARED_KINDS.has(kind)) return schema
  const kinds = [
    { group: '', kind, version: 'v1' },
    { group, kind, version },
  ]
  const own: object = { 'x-kubernetes-group-version-kind': kinds }
  return { ...schema, ...own }
}
