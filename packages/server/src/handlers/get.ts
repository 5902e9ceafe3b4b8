// GET of one object: one look-up in the cache, and its bytes.
import { notFound, PROTOBUF, tooLargeResourceVersion } from '@keelson/apimachinery'
import type { CacheEntry, Freshness } from '@keelson/storage'
import type { RequestContext } from '../context.ts'
import type { ResourceRegistry } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn, withNewline } from '../representation/respond-object.ts'
import { protobufAnswer, ProtobufItems } from '../representation/protobuf.ts'
import { partialMetadataOf } from '../representation/partial-metadata.ts'
import { respondStatus, plainFailure } from '../representation/status.ts'
import { InvalidResourceVersion, parseResourceVersion } from './list-options.ts'

const CONSISTENT: Freshness = { kind: 'consistent' }
const ANY: Freshness = { kind: 'any' }

export async function get(context: RequestContext, registry: ResourceRegistry): Promise<void> {
  const representation = representationOf(context, registry.definition, 'object')
  const freshness = freshnessOf(context)
  if (freshness === undefined) return
  const entry = await find(context, registry, freshness)
  if (representation.mediaType === PROTOBUF) {
    const items = new ProtobufItems(representation, registry.definition)
    context.respond(200, PROTOBUF, protobufAnswer(items.kind, items.of(entry)))
  } else if (
    representation.shape === 'partial' &&
    representation.mediaType === 'application/json' &&
    !representation.pretty
  ) {
    context.respond(200, 'application/json', withNewline(partialMetadataOf(entry, representation.metaApiVersion)))
  } else {
    respondIn(context, registry, representation, entry, 200)
  }
}

async function find(
  { info, signal }: RequestContext,
  { cache, definition }: ResourceRegistry,
  freshness: Freshness,
): Promise<CacheEntry> {
  const result = await cache.get(definition.namespaced ? info.namespace : '', info.name, freshness, signal)
  switch (result.outcome) {
    case 'found':
      return result.entry
    case 'missing':
      throw notFound(definition, info.name)
    case 'tooLarge':
      throw tooLargeResourceVersion(freshness.kind === 'atLeast' ? freshness.revision : result.current, result.current)
  }
}

/** Undefined: the resourceVersion is none, and the client has been told (500, as upstream). */
function freshnessOf(context: RequestContext): Freshness | undefined {
  const text = context.query.get('resourceVersion') ?? ''
  if (text === '') return CONSISTENT
  try {
    const revision = parseResourceVersion(text)
    return revision === undefined ? ANY : { kind: 'atLeast', revision }
  } catch (error) {
    if (!(error instanceof InvalidResourceVersion)) throw error
    respondStatus(context, plainFailure(error.message))
    return undefined
  }
}
