// The Kubernetes protobuf content type for the built-in kinds: which message a kind is, from facts.
import {
  DecodeError,
  type JsonObject,
  type KubeObject,
  PROTOBUF_CLOSING,
  PROTOBUF_ITEM,
  type ProtobufEnvelope,
  type ProtobufMessage,
  ProtobufMessages,
  decodeProtobufEnvelope,
  decodeProtobufMessage,
  encodeProtobufField,
  parseApiVersion,
  protobufOpening,
  protobufRawOpening,
} from '@keelson/apimachinery'
import { readFacts } from './facts.ts'
import { schemaOfKind } from './schema/index.ts'
import { builtinGroupVersions } from './table.ts'

interface KindName {
  readonly apiVersion: string
  readonly kind: string
}

/**
 * An object of a built-in kind (or the options of a request) out of its envelope. `fallback` names the kind of a body that does
 * not say its own. DecodeError for what is no such message; unknown fields are dropped.
 */
export function decodeProtobufObject(envelope: ProtobufEnvelope, fallback?: KindName): JsonObject {
  return decodeObject(envelope, fallback, 'client')
}

function decodeObject(
  envelope: ProtobufEnvelope,
  fallback: KindName | undefined,
  source: 'client' | 'store',
): JsonObject {
  const kind = envelope.kind || (fallback?.kind ?? '')
  const apiVersion = envelope.apiVersion || (fallback?.apiVersion ?? '')
  const message = messageOf(apiVersion, kind)
  if (message === undefined)
    throw new DecodeError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`)
  return { kind, apiVersion, ...decodeProtobufMessage(envelope.raw, message, source) }
}

/** A stored protobuf value as the kind's schema would encode it. DecodeError or StatusError when it is broken. */
export function decodeStoredProtobuf(bytes: Buffer): KubeObject {
  const value = decodeObject(decodeProtobufEnvelope(bytes), undefined, 'store')
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

/** How objects of one kind are written. */
export interface ProtobufKind {
  /** An envelope up to where the item comes; PROTOBUF_CLOSING goes behind it. */
  readonly opening: Buffer
  readonly message: ProtobufMessage
}

const kinds = new Map<string, ProtobufKind>()

/** Undefined for a kind that has no message. */
export function protobufKind(apiVersion: string, kind: string): ProtobufKind | undefined {
  const key = `${apiVersion} ${kind}`
  let made = kinds.get(key)
  if (made === undefined) {
    const message = messageOf(apiVersion, kind)
    if (message === undefined) return undefined
    made = { opening: protobufOpening(apiVersion, kind), message }
    kinds.set(key, made)
  }
  return made
}

/** The object as the envelope and lists hold it: its message behind tag and length. */
export const encodeProtobufItem = ({ message }: ProtobufKind, object: object): Buffer =>
  encodeProtobufField(PROTOBUF_ITEM, object as JsonObject, message) // Every API object is a JSON tree.

/** The whole of an answer. Undefined for a kind that has no message. */
export function encodeProtobufObject(object: KindName & object): Buffer | undefined {
  const kind = protobufKind(object.apiVersion, object.kind)
  return kind && Buffer.concat([kind.opening, encodeProtobufItem(kind, object), PROTOBUF_CLOSING])
}

/** A list up to its items, which follow one after the other, `itemsLength` bytes together, and then PROTOBUF_CLOSING. */
export function protobufListOpening(list: KindName, metadata: JsonObject, itemsLength: number): Buffer {
  const message = messages().get(`${META}ListMeta`)
  if (message === undefined) throw new Error('there are no facts about metav1.ListMeta')
  return protobufRawOpening(list, encodeProtobufField(LIST_METADATA, metadata, message), itemsLength)
}

const LIST_METADATA = 1

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
/** Kinds of metav1: upstream registers options and Status in every version. */
const META_KINDS: ReadonlySet<string> = new Set([
  'APIGroup',
  'APIGroupList',
  'APIResourceList',
  'APIVersions',
  'CreateOptions',
  'DeleteOptions',
  'ListOptions',
  'PartialObjectMetadata',
  'PartialObjectMetadataList',
  'PatchOptions',
  'Status',
  'UpdateOptions',
])
const DISCOVERY = { apiVersion: 'apidiscovery.k8s.io/v2', package: 'io.k8s.api.apidiscovery.v2.' }

function messageOf(apiVersion: string, kind: string): ProtobufMessage | undefined {
  if (META_KINDS.has(kind)) return messages().get(META + kind)
  if (apiVersion === DISCOVERY.apiVersion) return messages().get(DISCOVERY.package + kind)
  const said = parseApiVersion(apiVersion)
  const versions = builtinGroupVersions().filter(({ group }) => group === said?.group)
  // A version that is stored and not served (v1beta1 of admission policies) has the fields of the served one.
  const ordered = versions.toSorted((a, b) => Number(b.version === said?.version) - Number(a.version === said?.version))
  for (const { resources } of ordered) {
    // Also kinds that only subresources take (Scale, Eviction): they stand in the package of their neighbours.
    const neighbour = resources[0]?.schema ?? ''
    const message = messages().get(`${neighbour.slice(0, neighbour.lastIndexOf('.'))}.${kind}`)
    if (message !== undefined) return message
  }
  return undefined
}

let made: ProtobufMessages | undefined

/** Read at the first use. */
function messages(): ProtobufMessages {
  made ??= new ProtobufMessages(readFacts('protobuf.json'))
  return made
}
