// Content negotiation: which representation an Accept header asks for, and what a body's Content-Type is.
//
// Clauses are tried in order of quality; a clause whose parameters ask for what the endpoint cannot give is passed over, so
// `application/json;as=Table;v=v1;g=meta.k8s.io,application/json` gives a plain object where there are no tables.
import { StatusError, notAcceptable, unsupportedMediaType } from './status.ts'

export const PROTOBUF = 'application/vnd.kubernetes.protobuf'
export type MediaType = 'application/json' | 'application/yaml' | typeof PROTOBUF
export type Transform = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'

export interface Negotiated {
  readonly mediaType: MediaType
  /** The kind asked for in place of the object's own. */
  readonly as: Transform | undefined
  /** Version of meta.k8s.io of the transform: `v1` or `v1beta1`. */
  readonly version: string
  /** `;stream=watch` was said. Events are framed as `mediaType` frames them either way. */
  readonly stream: boolean
  /** `;pretty=1`. */
  readonly pretty: boolean
}

export interface Offers {
  /** Transforms this endpoint can make; none by default. */
  readonly transforms?: readonly Transform[]
  /** A watch: not in YAML, which has no framing. */
  readonly watch?: boolean
}

/** What the API serves bodies as and reads them as, the preferred first. */
const ACCEPTED = ['application/json', 'application/yaml', PROTOBUF] as const
const STREAM_ACCEPTED = ACCEPTED.filter((type) => type !== 'application/yaml').map((type) => `${type};stream=watch`)

const PLAIN_JSON: Negotiated = {
  mediaType: 'application/json',
  as: undefined,
  version: '',
  stream: false,
  pretty: false,
}

/** Every transform of resources that have objects. */
export const OBJECT_TRANSFORMS: readonly Transform[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']

/**
 * Picks the representation. No header means JSON. StatusError 406 with upstream's message when nothing fits.
 * Whether the object is a list is not known here: see refuseListMismatch.
 */
export function negotiate(accept: string | undefined, offers: Offers = {}): Negotiated {
  // The two headers that nearly every request has.
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return PLAIN_JSON
  const clauses = parseAccept(accept)
  // Upstream's router refuses before the handler can, and knows whole media types and `*/*` only: no `application/*`.
  if (!clauses.some((clause) => isKnownToRouter(clause, ACCEPTED))) throw routerNotAcceptable(ACCEPTED)
  for (const clause of clauses) {
    for (const mediaType of ACCEPTED) {
      if (!covers(clause, mediaType)) continue
      const chosen = choose(clause, mediaType, offers)
      if (chosen === undefined) continue
      // Upstream chooses first, and then finds that it cannot stream; what else the client would take does not count.
      if (offers.watch === true && mediaType === 'application/yaml') throw notAcceptable(STREAM_ACCEPTED)
      return chosen
    }
  }
  throw notAcceptable(ACCEPTED)
}

interface Clause {
  readonly type: string
  readonly subtype: string
  readonly quality: number
  readonly parameters: ReadonlyMap<string, string>
}

/** Bounded: a header names a handful of types. */
const MAX_CLAUSES = 64

/** Best first; of equal quality, the more specific first, then the header's order. */
function parseAccept(header: string): Clause[] {
  const clauses: Clause[] = []
  for (const part of header.split(',', MAX_CLAUSES)) {
    const [range = '', ...rest] = part.split(';')
    const [type = '', subtype, more] = range.trim().split('/')
    if (more !== undefined || (subtype === undefined && type !== '*')) continue
    let quality = 1
    const parameters = new Map<string, string>()
    for (const parameter of rest) {
      const [name = '', value, excess] = parameter.split('=')
      if (value === undefined || value === '' || excess !== undefined) continue
      if (name.trim() === 'q') quality = Number.parseFloat(value) || 0
      else parameters.set(name.trim(), value.trim())
    }
    clauses.push({ type: type.trim(), subtype: (subtype ?? '*').trim(), quality, parameters })
  }
  return clauses.sort((a, b) => b.quality - a.quality || wildness(a) - wildness(b))
}

const wildness = (clause: Clause): number => (clause.type === '*' ? 2 : 0) + (clause.subtype === '*' ? 1 : 0)

function isKnownToRouter({ type, subtype }: Clause, served: readonly string[]): boolean {
  return (type === '*' && subtype === '*') || served.some((known) => known === `${type}/${subtype}`)
}

function covers(clause: Clause, mediaType: string): boolean {
  const [type, subtype] = mediaType.split('/')
  if (clause.type === '*') return clause.subtype === '*'
  return clause.type === type && (clause.subtype === '*' || clause.subtype === subtype)
}

function choose(clause: Clause, mediaType: MediaType, offers: Offers): Negotiated | undefined {
  const { parameters } = clause
  const stream = parameters.get('stream')
  if (stream !== undefined && (stream !== 'watch' || mediaType === 'application/yaml')) return undefined
  if (parameters.has('sv')) return undefined
  const kind = parameters.get('as')
  const version = parameters.get('v') ?? ''
  const group = parameters.get('g') ?? ''
  let as: Transform | undefined
  if (kind !== undefined || version !== '' || group !== '') {
    if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined
    as = offers.transforms?.find((transform) => transform === kind)
    // Cells of a table can be anything, which a message cannot.
    if (as === undefined || (as === 'Table' && mediaType === PROTOBUF)) return undefined
  }
  return { mediaType, as, version, stream: stream !== undefined, pretty: parameters.get('pretty') === '1' }
}

const JSON_ONLY = ['application/json']

/** For documents that are JSON and nothing else: StatusError 406 when the header has no place for it. */
export function requireJson(accept: string | undefined): void {
  if (accept === undefined || accept === '') return
  if (!parseAccept(accept).some((clause) => isKnownToRouter(clause, JSON_ONLY))) throw routerNotAcceptable(JSON_ONLY)
}

function routerNotAcceptable(served: readonly string[]): StatusError {
  return new StatusError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${served.join(', ')}`,
    {},
  )
}

/** 406 for PartialObjectMetadata of a list and PartialObjectMetadataList of an object; `goType` such as `*core.PodList`. */
export function refuseListMismatch(negotiated: Negotiated, isList: boolean, goType: string): void {
  if (negotiated.as === 'PartialObjectMetadata' && isList) {
    throw new StatusError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadata, but the requested object is a list (${goType})`,
    )
  }
  if (negotiated.as === 'PartialObjectMetadataList' && !isList) {
    throw new StatusError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (${goType})`,
    )
  }
}

/** How the body of a write is read. Absent means JSON; StatusError 415 with upstream's message for what is not read. */
export function bodyMediaType(contentType: string | undefined): MediaType {
  if (contentType === undefined || contentType === '' || contentType === 'application/json') return 'application/json'
  const type = baseType(contentType)
  if (type === 'application/json' || type === 'application/yaml' || type === PROTOBUF) return type
  throw unsupportedMediaType(ACCEPTED)
}

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml'

const PATCH_TYPES: ReadonlySet<string> = new Set<PatchType>([
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
])

/** StatusError 415 for anything that is not a patch. */
export function patchMediaType(contentType: string | undefined): PatchType {
  const type = baseType(contentType ?? '')
  if (PATCH_TYPES.has(type)) return type as PatchType // The set holds nothing else.
  throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

const baseType = (contentType: string): string => (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
