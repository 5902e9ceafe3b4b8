// In what form a client wants its objects: the object itself, a Table, or its metadata only; as JSON (pretty or not), YAML or
// protobuf.
import {
  badRequest,
  type MediaType,
  negotiate,
  OBJECT_TRANSFORMS,
  PROTOBUF,
  refuseListMismatch,
  StatusError,
} from '@keelson/apimachinery'
import type { ResourceDefinition } from '@keelson/api'
import type { RequestContext } from '../context.ts'
import { isTrue } from '../filters/request-info.ts'

export type IncludeObject = 'Metadata' | 'Object' | 'None'

/** How a document is written. */
export interface Encoding {
  readonly mediaType: MediaType
  readonly pretty: boolean
}

export interface Representation extends Encoding {
  readonly shape: 'object' | 'table' | 'partial'
  /** A watch that asked for PartialObjectMetadataList: upstream answers with a stream that ends at once. */
  readonly impossible: boolean
  /** Of the Table or the PartialObjectMetadata: `meta.k8s.io/v1` or `meta.k8s.io/v1beta1`. */
  readonly metaApiVersion: string
  readonly includeObject: IncludeObject
  /** Equal for equal representations: part of the key of a watch group. */
  readonly key: string
}

const AS_STORED: Representation = {
  shape: 'object',
  impossible: false,
  metaApiVersion: '',
  includeObject: 'Metadata',
  mediaType: 'application/json',
  pretty: false,
  key: 'object',
}

/** StatusError 406 for what cannot be given, 400 for an `includeObject` that is none. */
export function representationOf(
  context: RequestContext,
  definition: ResourceDefinition,
  answer: 'object' | 'list' | 'watch',
): Representation {
  const accept = context.headers.accept
  const pretty = answer !== 'watch' && wantsPretty(context)
  if (!pretty && (accept === undefined || accept === 'application/json' || accept === '*/*')) return AS_STORED
  const negotiated = negotiate(accept, { transforms: OBJECT_TRANSFORMS, watch: answer === 'watch' })
  if (answer !== 'watch') {
    const isList = answer === 'list'
    refuseListMismatch(negotiated, isList, goType(definition, isList))
  }
  const shape = negotiated.as === 'Table' ? 'table' : negotiated.as === undefined ? 'object' : 'partial'
  const includeObject = shape === 'table' ? includeObjectOf(context) : 'Metadata'
  return {
    shape,
    impossible: answer === 'watch' && negotiated.as === 'PartialObjectMetadataList',
    metaApiVersion: `meta.k8s.io/${negotiated.version || 'v1'}`,
    includeObject,
    mediaType: negotiated.mediaType,
    pretty: (pretty || negotiated.pretty) && negotiated.mediaType === 'application/json',
    key:
      (shape === 'object' ? 'object' : `${shape}/${negotiated.version}/${includeObject}`) +
      (negotiated.mediaType === PROTOBUF ? '/protobuf' : ''),
  }
}

/** Of a document that has one shape only. StatusError 406. */
export function documentEncoding(context: RequestContext): Encoding {
  const { mediaType, pretty } = negotiate(context.headers.accept)
  return { mediaType, pretty: (pretty || wantsPretty(context)) && mediaType === 'application/json' }
}

/** Of a Status, for whose sake no request may fail: JSON for people where nothing can be agreed on, as upstream. */
export function statusEncoding(context: RequestContext): Encoding {
  try {
    return documentEncoding(context)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { mediaType: 'application/json', pretty: true }
  }
}

function includeObjectOf({ query }: RequestContext): IncludeObject {
  const value = query.get('includeObject') ?? ''
  if (value === '' || value === 'Metadata') return 'Metadata'
  if (value === 'Object' || value === 'None') return value
  const reason = `includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`
  throw badRequest(`Unable to convert to Table as requested: ${reason}`)
}

/** People get indented JSON: those who ask for it, and those who look through a browser or by curl. */
export function wantsPretty({ query, headers }: RequestContext): boolean {
  const asked = query.get('pretty')
  if (asked !== null) return isTrue(asked)
  const agent = headers['user-agent'] ?? ''
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0')
}

/** How upstream's message names the type: its internal package and kind. */
function goType({ group, kind, listKind }: ResourceDefinition, isList: boolean): string {
  const internalPackage = group === '' || group === 'events.k8s.io' ? 'core' : (group.split('.')[0] ?? group)
  return `*${internalPackage}.${isList ? listKind : kind}`
}
