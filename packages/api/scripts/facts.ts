// Makes packages/api/facts from recordings of a real API server: `node scripts/facts.ts --from DIR [--types FILE]`.
// DIR holds discovery.json, storage-keys.json, table-columns.json, bootstrap-objects.json, openapi-v3/*.json and openapi-v2.json;
// FILE is the output of scripts/go-types (how Go reads and writes each type in JSON). Facts only: descriptions are dropped.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { internDocument } from './intern.ts'

interface KindReference {
  group: string
  version: string
  kind: string
}
interface DiscoverySubresource {
  subresource: string
  responseKind?: KindReference
  acceptedKinds?: KindReference[]
  verbs: string[]
}
interface DiscoveryResource {
  resource: string
  responseKind: KindReference
  scope: 'Namespaced' | 'Cluster'
  singularResource: string
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
  subresources?: DiscoverySubresource[]
}
interface DiscoveryGroup {
  metadata: { name?: string }
  versions: { version: string; resources: DiscoveryResource[] }[]
}
interface OpenApiDocument {
  info: unknown
  paths: Record<string, unknown>
  components: { schemas: Record<string, { 'x-kubernetes-group-version-kind'?: KindReference[] }> }
}

const { values } = parseArgs({ options: { from: { type: 'string' }, types: { type: 'string' } } })
if (values.from === undefined) throw new Error('usage: facts.ts --from DIR [--types FILE]')
const source = values.from
const target = join(import.meta.dirname, '../facts')

const read = <T>(name: string): T => JSON.parse(readFileSync(join(source, name), 'utf8'))

/** One line for each entry of the outer value: small differences in later recordings make small diffs. */
function write(name: string, value: object): void {
  const text = Array.isArray(value)
    ? `[\n${value.map((item) => JSON.stringify(item)).join(',\n')}\n]\n`
    : `{\n${Object.entries(value)
        .map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`)
        .join(',\n')}\n}\n`
  writeFileSync(join(target, name), text)
}

/** `apis_apps_v1.json` is the document of `/openapi/v3/apis/apps/v1`. */
const documentPath = (file: string): string => file.replace(/\.json$/, '').replaceAll('_', '/')

function readDocuments(): Map<string, OpenApiDocument> {
  const files = readdirSync(join(source, 'openapi-v3')).toSorted()
  return new Map(files.map((file) => [documentPath(file), read<OpenApiDocument>(`openapi-v3/${file}`)]))
}

/** The name of the schema of a kind, by the group-version-kinds that schemas declare. */
function schemaName(document: OpenApiDocument | undefined, { group, version, kind }: KindReference): string {
  for (const [name, schema] of Object.entries(document?.components.schemas ?? {})) {
    const declared = schema['x-kubernetes-group-version-kind'] ?? []
    if (declared.some((item) => item.kind === kind && item.group === group && item.version === version)) return name
  }
  return ''
}

function makeResources(documents: Map<string, OpenApiDocument>): object[] {
  const discovery = read<Record<'/api' | '/apis', { items: DiscoveryGroup[] }>>('discovery.json')
  const storage = read<Record<string, { prefix: string; storedAs: string }>>('storage-keys.json')
  const columns =
    read<Record<string, { name: string; type: string; format: string; priority: number }[]>>('table-columns.json')

  const makeResource = (group: string, version: string, resource: DiscoveryResource): object => {
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    // Both event resources share the keys and the stored version of the core one.
    const stored =
      group === 'events.k8s.io'
        ? storage['events']
        : storage[group === '' ? resource.resource : `${resource.resource}.${group}`]
    return {
      resource: resource.resource,
      kind: resource.responseKind.kind,
      singular: resource.singularResource,
      namespaced: resource.scope === 'Namespaced',
      verbs: resource.verbs,
      ...(resource.shortNames && { shortNames: resource.shortNames }),
      ...(resource.categories && { categories: resource.categories }),
      ...(resource.subresources && { subresources: resource.subresources }),
      ...(stored && { storage: { prefix: stored.prefix, apiVersion: stored.storedAs } }),
      schema: schemaName(documents.get(root.slice(1)), { group, version, kind: resource.responseKind.kind }),
      columns: (columns[`${root}/${resource.resource}`] ?? []).map(({ name, type, format, priority }) => [
        name,
        type,
        format,
        priority,
      ]),
    }
  }
  return [...discovery['/api'].items, ...discovery['/apis'].items].flatMap((group) =>
    group.versions.map(({ version, resources }) => ({
      group: group.metadata.name ?? '',
      version,
      resources: resources.map((resource) => makeResource(group.metadata.name ?? '', version, resource)),
    })),
  )
}

/** Schemas, each once, one file a Go package: `schemas/io.k8s.api.core.v1.json` has `Pod`. */
function writeSchemas(documents: Map<string, OpenApiDocument>): void {
  const packages = new Map<string, Record<string, unknown>>()
  for (const document of documents.values()) {
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      const dot = name.lastIndexOf('.')
      const file = packages.get(name.slice(0, dot)) ?? {}
      packages.set(name.slice(0, dot), file)
      // The core document comes first; the others differ in the kinds of every group version only (openapi/documents.ts).
      file[name.slice(dot + 1)] ??= schema
    }
  }
  for (const [name, schemas] of packages) {
    write(`schemas/${name}.json`, Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))))
  }
}

/** What of a v3 document is not a schema: its paths, interned, and the names of the schemas that it shows; and its hash. */
function writeDocuments(documents: Map<string, OpenApiDocument>): void {
  const hashes: Record<string, string> = {}
  for (const [path, document] of documents) {
    hashes[path] = createHash('sha512').update(JSON.stringify(document)).digest('hex').toUpperCase()
    const { components } = document
    const names = components?.schemas && { schemas: Object.keys(components.schemas) }
    const shell = { ...document, ...(components && { components: { ...components, ...names } }) }
    write(`openapi/${path.replaceAll('/', '_')}.json`, internDocument(shell))
  }
  write('openapi-hashes.json', hashes)
}

/** Every group version that the server knows, served or not: v2 names them all beside the kinds that they share. */
function writeGroupVersions(): void {
  const { definitions } = read<{ definitions: OpenApiDocument['components']['schemas'] }>('openapi-v2.json')
  const options = definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']
  const kinds = options?.['x-kubernetes-group-version-kind'] ?? []
  write(
    'group-versions.json',
    kinds.map(({ group, version }) => [group, version]),
  )
}

/** Go's declarations, one file a package; trailing empty texts of a field are left out. */
function writeTypes(file: string): void {
  const packages: Record<string, Record<string, string | string[][]>> = JSON.parse(readFileSync(file, 'utf8'))
  mkdirSync(join(target, 'types'), { recursive: true })
  for (const [name, types] of Object.entries(packages)) {
    const compact = Object.entries(types).map(([type, declaration]): [string, unknown] => [
      type,
      typeof declaration === 'string' ? declaration : declaration.map(withoutTrailingEmpties),
    ])
    write(`types/${name}.json`, Object.fromEntries(compact.toSorted(([a], [b]) => (a < b ? -1 : 1))))
  }
}

function withoutTrailingEmpties(texts: string[]): string[] {
  return texts.slice(0, texts.findLastIndex((text) => text !== '') + 1)
}

for (const folder of ['schemas', 'openapi']) {
  rmSync(join(target, folder), { recursive: true, force: true })
  mkdirSync(join(target, folder), { recursive: true })
}
const documents = readDocuments()
write('resources.json', makeResources(documents))
write('bootstrap-objects.json', read('bootstrap-objects.json'))
writeSchemas(documents)
writeDocuments(documents)
writeGroupVersions()
if (values.types !== undefined) writeTypes(values.types)
