// Bodies and stored values in the Kubernetes protobuf content type: which message a kind is, from facts.
import {
  DecodeError,
  type JsonObject,
  type KubeObject,
  type ProtobufMessage,
  decodeProtobufEnvelope,
  decodeProtobufMessage,
  parseApiVersion,
} from '@keelson/apimachinery'
import { readFacts } from './facts.ts'
import { schemaOfKind } from './schema/index.ts'
import { builtinGroupVersions } from './table.ts'

/**
 * An object of a built-in kind (or of the options of requests) from its protobuf encoding. `fallback` names the message of a
 * body that does not say its kind. DecodeError for what is no such encoding; unknown fields are dropped.
 */
export function decodeProtobufObject(
  bytes: Buffer,
  fallback?: { readonly apiVersion: string; readonly kind: string },
): JsonObject {
  const { raw, ...said } = decodeProtobufEnvelope(bytes)
  const kind = said.kind || (fallback?.kind ?? '')
  const apiVersion = said.apiVersion || (fallback?.apiVersion ?? '')
  const message = messageOf(apiVersion, kind)
  if (message === undefined)
    throw new DecodeError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`)
  return { kind, apiVersion, ...decodeProtobufMessage(raw, message, protobufMessage) }
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
/** Kinds that upstream registers in every version. */
const META_KINDS = new Set(['DeleteOptions', 'CreateOptions', 'UpdateOptions', 'PatchOptions', 'ListOptions'])

function messageOf(apiVersion: string, kind: string): string | undefined {
  if (META_KINDS.has(kind)) return META + kind
  const said = parseApiVersion(apiVersion)
  const versions = builtinGroupVersions().filter(({ group }) => group === said?.group)
  // A version that is stored and not served (v1beta1 of admission policies) has the fields of the served one.
  const ordered = versions.toSorted((a, b) => Number(b.version === said?.version) - Number(a.version === said?.version))
  for (const { resources } of ordered) {
    // Also kinds that only subresources take (Scale, Eviction): they stand in the package of their neighbours.
    const neighbour = resources[0]?.schema ?? ''
    const message = `${neighbour.slice(0, neighbour.lastIndexOf('.'))}.${kind}`
    if (protobufMessage(message) !== undefined) return message
  }
  return undefined
}

/** A stored protobuf value as the kind's schema would encode it. DecodeError or StatusError when it is broken. */
export function decodeStoredProtobuf(bytes: Buffer): KubeObject {
  const value = decodeProtobufObject(bytes)
  const schema = schemaOfStored(String(value.apiVersion), String(value.kind))
  return schema === undefined ? (value as unknown as KubeObject) : schema.decode(value).object // Every stored message is an object.
}

/** A version that is stored and not served has the schema of the served one. */
function schemaOfStored(apiVersion: string, kind: string): ReturnType<typeof schemaOfKind> {
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' }
  const exact = schemaOfKind({ group, version, kind })
  if (exact !== undefined) return exact
  const served = builtinGroupVersions().find(
    (each) => each.group === group && each.resources.some((resource) => resource.kind === kind),
  )
  return served && schemaOfKind({ group, version: served.version, kind })
}

function protobufMessage(name: string): ProtobufMessage | undefined {
  return readFacts<Record<string, ProtobufMessage>>('protobuf.json')[name]
}
