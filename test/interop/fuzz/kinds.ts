// What is fuzzed: every resource that the real server serves and that can be created, read, changed and deleted; with the
// schema that the real server publishes for it and with our sample objects.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { decodeYaml } from '@keelson/apimachinery'
import type { Connection } from '../../conformance/connection.ts'
import { type JsonMap, isMap } from '../../conformance/exchange.ts'

export interface FuzzKind {
  /** `deployments.apps`; of a resource served in two versions also `horizontalpodautoscalers.v1.autoscaling`. */
  readonly name: string
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly resource: string
  readonly namespaced: boolean
  readonly subresources: readonly string[]
  /** YAML texts of samples; `$ID`, `$NUMBER` and `$ADDRESS` stand for what is unique to a scenario. */
  readonly samples: readonly string[]
  readonly schema: Schema
  readonly schemas: Schemas
}

/** The part of an OpenAPI schema that is used. */
export interface Schema {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly allOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly $ref?: string
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[]
}
export type Schemas = Readonly<Record<string, Schema>>

const NEEDED_VERBS = ['create', 'get', 'list', 'update', 'patch', 'delete']
const SAMPLES = join(import.meta.dirname, '../samples')

/** The schema itself: references and single-element `allOf` are followed. */
export function resolveSchema(schema: Schema | undefined, schemas: Schemas): Schema {
  if (schema === undefined) return {}
  if (schema.$ref !== undefined) return resolveSchema(schemas[schema.$ref.replace(/^.*\//, '')], schemas)
  const [only] = schema.allOf ?? []
  return only === undefined ? schema : resolveSchema(only, schemas)
}

/** `/apis/apps/v1/namespaces/NAMESPACE/deployments` */
export const collectionPath = ({ group, version, namespaced, resource }: FuzzKind, namespace: string): string =>
  `${group === '' ? '/api' : `/apis/${group}`}/${version}${namespaced ? `/namespaces/${namespace}` : ''}/${resource}`

export const apiVersionOf = ({ group, version }: FuzzKind): string => (group === '' ? version : `${group}/${version}`)

export async function loadKinds(upstream: Connection): Promise<FuzzKind[]> {
  const samples = loadSamples()
  const kinds: FuzzKind[] = []
  for (const root of ['/api', '/apis']) {
    for (const { group, version, resources } of await discover(upstream, root)) {
      const schemas = await loadSchemas(upstream, group, version)
      for (const found of resources) {
        if (!NEEDED_VERBS.every((verb) => found.verbs.includes(verb))) continue
        const { resource, responseKind, scope, subresources = [] } = found
        const { kind } = responseKind
        const taken = kinds.some((other) => other.resource === resource && other.group === group)
        const suffix = group === '' ? '' : `.${group}`
        const texts = samples.get(`${group}/${version}/${kind}`) ?? []
        if (texts.length === 0) throw new Error(`no sample of ${kind} (${group}/${version}) in test/interop/samples`)
        kinds.push({
          name: taken ? `${resource}.${version}${suffix}` : `${resource}${suffix}`,
          group,
          version,
          kind,
          resource,
          namespaced: scope === 'Namespaced',
          subresources: subresources.map(({ subresource }) => subresource),
          samples: texts,
          schema: schemaOf(schemas, { group, version, kind }),
          schemas,
        })
      }
    }
  }
  return kinds
}

interface DiscoveredResource {
  readonly resource: string
  readonly responseKind: { readonly kind: string }
  readonly scope: string
  readonly verbs: readonly string[]
  readonly subresources?: readonly { readonly subresource: string }[]
}

async function discover(
  upstream: Connection,
  path: string,
): Promise<{ group: string; version: string; resources: readonly DiscoveredResource[] }[]> {
  const headers = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' }
  const { body } = await upstream.call({ method: 'GET', path, headers })
  const { items } = body as {
    // As the accept header asks.
    items: { metadata?: { name?: string }; versions: { version: string; resources: DiscoveredResource[] }[] }[]
  }
  return items.flatMap(({ metadata, versions }) =>
    versions.map(({ version, resources }) => ({ group: metadata?.name ?? '', version, resources })),
  )
}

async function loadSchemas(upstream: Connection, group: string, version: string): Promise<Schemas> {
  const path = `/openapi/v3/${group === '' ? 'api' : `apis/${group}`}/${version}`
  const { body } = await upstream.call({ method: 'GET', path })
  return (body as { components: { schemas: Schemas } }).components.schemas // An OpenAPI document.
}

function schemaOf(schemas: Schemas, wanted: { group: string; version: string; kind: string }): Schema {
  const found = Object.values(schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      ({ group, version, kind }) => group === wanted.group && version === wanted.version && kind === wanted.kind,
    ),
  )
  if (found === undefined) throw new Error(`no schema of ${wanted.kind}`)
  return found
}

/** Texts of the sample documents by `group/version/Kind`. */
function loadSamples(): Map<string, string[]> {
  const samples = new Map<string, string[]>()
  for (const file of readdirSync(SAMPLES)) {
    for (const text of readFileSync(join(SAMPLES, file), 'utf8').split(/^---$/m)) {
      const { apiVersion, kind } = parseSample(text, { number: 0 })
      const gvk = `${String(apiVersion).includes('/') ? String(apiVersion) : `/${String(apiVersion)}`}/${String(kind)}`
      samples.set(gvk, [...(samples.get(gvk) ?? []), text])
    }
  }
  return samples
}

/** `number` is unique to a scenario and below 2^16. */
export function parseSample(text: string, { number }: { readonly number: number }): JsonMap {
  const [high, low] = [number >> 8, number & 255]
  const filled = text
    .replaceAll('$ID', `n${number.toString(36)}`)
    .replaceAll('$ADDRESS', `192.168.${high}.${low}`)
    .replaceAll('$NETWORK', `172.${16 + (high & 15)}.${low}.0`)
    .replaceAll('$NUMBER', String(number))
  const { value } = decodeYaml(Buffer.from(filled))
  if (!isMap(value)) throw new Error(`not an object: ${filled.slice(0, 200)}`)
  return value
}
