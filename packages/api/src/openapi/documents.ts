// OpenAPI v3 documents, put together from the facts as text: a document has up to a megabyte, and a tree of it would cost ten
// times that. Descriptions come from generated/prose where an installation has made it (scripts/prose.ts).
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { readFacts } from '../facts.ts'
import { type OpenApiSchema, openApiSchema } from '../schema/openapi-schema.ts'
import { type Prose, describeSchema } from './describe.ts'

interface DocumentFacts {
  readonly parts: readonly unknown[]
  readonly document: {
    readonly components: { readonly schemas?: readonly string[] }
    readonly [field: string]: unknown
  }
}

/** Schemas that are encoded before the event loop gets its turn again: about 1 ms. */
const SCHEMAS_A_TURN = 40

/** Paths of documents below /openapi/v3/ (`apis/apps/v1`), in order, each with a hash that changes with its content. */
export function openApiHashes(): ReadonlyMap<string, string> {
  const { hashes, fingerprint } = sources()
  if (fingerprint === '') return new Map(Object.entries(hashes))
  return new Map(
    Object.entries(hashes).map(([path, hash]) => [
      path,
      createHash('sha512').update(hash).update(fingerprint).digest('hex').toUpperCase(),
    ]),
  )
}

/** The JSON of a document; undefined for a path that has none. `withProse: false` gives what was recorded. */
export async function openApiDocument(
  path: string,
  options: { withProse?: boolean } = {},
): Promise<Buffer | undefined> {
  if (!Object.hasOwn(sources().hashes, path)) return undefined
  const { parts, document } = readDocumentFacts(path)
  const text = expand(JSON.stringify(document), expandParts(parts))
  await setImmediate()
  const names = document.components.schemas
  if (names === undefined) return Buffer.from(text)
  const schemas: string[] = []
  for (const [index, name] of names.entries()) {
    schemas.push(`${JSON.stringify(name)}:${schemaText(name, path, options.withProse !== false)}`)
    if (index % SCHEMAS_A_TURN === SCHEMAS_A_TURN - 1) await setImmediate()
  }
  // The list of names stands where the schemas belong.
  return Buffer.from(text.replace(JSON.stringify(names), () => `{${schemas.join(',')}}`))
}

/** Not through readFacts: documents are asked for once in a while, their facts need not stay in memory. */
function readDocumentFacts(path: string): DocumentFacts {
  const url = new URL(`../../facts/openapi/${path.replaceAll('/', '_')}.json`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8'))
}

/** A part may refer to earlier parts only, so one pass expands them all. */
function expandParts(parts: readonly unknown[]): string[] {
  const texts: string[] = []
  for (const part of parts) texts.push(expand(JSON.stringify(part), texts))
  return texts
}

const expand = (text: string, parts: readonly string[]): string =>
  text.replace(/\{"\$part":(\d+)\}/g, (_, index: string) => parts[Number(index)] ?? 'null')

function schemaText(name: string, path: string, withProse: boolean): string {
  const recorded = openApiSchema(name) ?? {}
  const schema = inGroupVersion(recorded, name.slice(name.lastIndexOf('.') + 1), path)
  return JSON.stringify(withProse ? described(schema, name) : schema)
}

/** A type's schema with the descriptions that there are; undefined for an unknown type. */
export function describedSchema(name: string): OpenApiSchema | undefined {
  const schema = openApiSchema(name)
  return schema && described(schema, name)
}

function described(schema: OpenApiSchema, name: string): OpenApiSchema {
  const prose = proseOf(name)
  return prose === undefined ? schema : describeSchema(schema, prose)
}

function proseOf(name: string): Prose | undefined {
  const dot = name.lastIndexOf('.')
  return sources().prose(name.slice(0, dot))?.[name.slice(dot + 1)]
}

/** Kinds that every group version has: a document says its own group version beside the core one. */
const SHARED_KINDS: ReadonlySet<string> = new Set(['DeleteOptions', 'WatchEvent'])

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

interface Sources {
  readonly hashes: Readonly<Record<string, string>>
  /** Of all prose together; '' when there is none. */
  readonly fingerprint: string
  prose(packageName: string): Readonly<Record<string, Prose>> | undefined
}

let found: Sources | undefined

function sources(): Sources {
  found ??= findSources()
  return found
}

const proseFolder = new URL('../../generated/prose/', import.meta.url)

function findSources(): Sources {
  const files = existsSync(proseFolder) ? readdirSync(proseFolder).toSorted() : []
  const fingerprint = createHash('sha512')
  for (const file of files) fingerprint.update(readFileSync(new URL(file, proseFolder)))
  const packages = new Map<string, Record<string, Prose>>()
  return {
    hashes: readFacts('openapi-hashes.json'),
    fingerprint: files.length === 0 ? '' : fingerprint.digest('hex'),
    prose(packageName) {
      if (!files.includes(`${packageName}.json`)) return undefined
      let prose = packages.get(packageName)
      if (prose === undefined) {
        prose = JSON.parse(readFileSync(new URL(`${packageName}.json`, proseFolder), 'utf8'))
        packages.set(packageName, prose ?? {})
      }
      return prose
    },
  }
}
