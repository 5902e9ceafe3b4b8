// LIST: encoded objects straight from the cache, a page or all of them, at the revision that was asked for.
import { badRequest, expired, tooLargeResourceVersion } from '@keelson/apimachinery'
import {
  type CacheEntry,
  type CacheListing,
  type Freshness,
  type StorageKey,
  toRevision,
  toStorageKey,
} from '@keelson/storage'
import type { RequestContext } from '../context.ts'
import type { ResourceRegistry } from '../registry/types.ts'
import { respondListing } from '../representation/respond-list.ts'
import { representationOf } from '../representation/representation.ts'
import { type ContinueToken, decodeContinueToken, encodeContinueToken } from './continue-token.ts'
import { InvalidResourceVersion, type ListOptions, parseListOptions, parseResourceVersion } from './list-options.ts'

const TOO_OLD = 'The resourceVersion for the provided list is too old.'
const CONTINUE_TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the ' +
  'continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with ' +
  'the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the ' +
  'first chunk was returned and now may show up in the list.'

export async function list(context: RequestContext, registry: ResourceRegistry): Promise<void> {
  const representation = representationOf(context, registry.definition, 'list')
  const { entries, metadata } = await readListing(context, registry)
  return respondListing(context, registry, representation, entries, metadata)
}

export interface Listing {
  readonly entries: readonly CacheEntry[]
  /** metav1.ListMeta as JSON. */
  readonly metadata: string
}

/** What the query asks for. StatusError for what it may not ask, and for revisions that are gone or not there yet. */
export async function readListing(context: RequestContext, registry: ResourceRegistry): Promise<Listing> {
  const { definition, cache } = registry
  const options = parseListOptions(context.query, registry, false)
  const namespace = definition.namespaced ? context.info.namespace : ''
  const scope = namespace === '' ? cache.resource.prefix : `${cache.resource.prefix}${namespace}/`
  const token = options.continue === '' ? undefined : decodeContinueToken(options.continue)
  const freshness = freshnessOf(options, token)
  const result = await cache.list(
    {
      freshness,
      namespace,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      // resourceVersion=0 means "what is in memory": it comes whole, as upstream's watch cache gives it.
      limit: freshness.kind === 'any' ? 0 : options.limit,
      ...(token !== undefined && { after: keyAfter(scope, token) }),
    },
    context.signal,
  )
  switch (result.outcome) {
    case 'gone':
      throw token === undefined ? expired(TOO_OLD) : continueExpired(token)
    case 'tooLarge':
      throw tooLargeResourceVersion('revision' in freshness ? freshness.revision : result.current, result.current)
    case 'listed':
      return { entries: result.entries, metadata: listMetadata(result, scope) }
  }
}

/** Which revision is asked for; the table is that of upstream's documentation of resourceVersionMatch. */
function freshnessOf(
  { resourceVersion, resourceVersionMatch, limit }: ListOptions,
  token: ContinueToken | undefined,
): Freshness {
  const revision = revisionOf(resourceVersion)
  if (token !== undefined) {
    if (revision !== undefined) throw badRequest('specifying resource version is not allowed when using continue')
    return token.revision === undefined
      ? { kind: 'consistent' }
      : { kind: 'exact', revision: toRevision(token.revision) }
  }
  if (resourceVersion === '') return { kind: 'consistent' }
  if (revision === undefined) return { kind: 'any' }
  // Without a match, a page is of exactly this revision and a whole list may be newer.
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0)
  return { kind: exact ? 'exact' : 'atLeast', revision }
}

function revisionOf(resourceVersion: string): ReturnType<typeof parseResourceVersion> {
  try {
    return parseResourceVersion(resourceVersion)
  } catch (error) {
    if (error instanceof InvalidResourceVersion) throw badRequest(`invalid resource version: ${error.message}`)
    throw error
  }
}

const keyAfter = (scope: string, { after }: ContinueToken): StorageKey => toStorageKey(scope + after)

function continueExpired(token: ContinueToken): Error {
  const error = expired(CONTINUE_TOO_OLD)
  error.status.metadata = { continue: encodeContinueToken({ revision: undefined, after: token.after }) }
  return error
}

/** metav1.ListMeta as JSON. */
function listMetadata({ revision, continueAfter, remaining }: CacheListing, scope: string): string {
  const head = `{"resourceVersion":"${revision}"`
  if (continueAfter === undefined) return `${head}}`
  const token = encodeContinueToken({ revision, after: continueAfter.slice(scope.length) })
  return remaining === undefined
    ? `${head},"continue":"${token}"}`
    : `${head},"continue":"${token}","remainingItemCount":${remaining}}`
}
