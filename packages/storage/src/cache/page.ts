// One page of a listing out of entries in key order: where it begins, what the selectors leave, what comes after.
import type { FieldSelector, LabelSelector } from '@keelson/apimachinery'
import type { Revision } from '../storage.ts'
import { compareKeys } from './keys.ts'
import { matchesSelectors } from './match.ts'
import { lowerBound } from './sorted-entries.ts'
import type { ResourceState } from './state.ts'
import { TimeSlice } from './time-slice.ts'
import type { CacheEntry, CacheListOptions, CacheListing } from './types.ts'

/** Entries looked at between two looks at the clock. */
const CHECK_EVERY = 128

/** `entries`: all of the scope (the resource or the namespace asked for) in key order, of `revision`. */
export async function pageOf(
  entries: readonly CacheEntry[],
  revision: Revision,
  options: CacheListOptions,
): Promise<CacheListing> {
  const start = options.after === undefined ? 0 : firstAfter(entries, options.after)
  const labels = narrowing(options.labelSelector)
  const fields = narrowing(options.fieldSelector)
  const limit = options.limit === undefined || options.limit === 0 ? Number.POSITIVE_INFINITY : options.limit
  if (labels === undefined && fields === undefined) {
    if (start === 0 && entries.length <= limit) return listing(revision, entries, false, 0)
    const page = entries.slice(start, start + limit)
    const remaining = entries.length - start - page.length
    return listing(revision, page, remaining > 0, remaining)
  }
  const matching: CacheEntry[] = []
  const slice = new TimeSlice()
  for (let index = start; index < entries.length; index++) {
    if (index % CHECK_EVERY === CHECK_EVERY - 1 && slice.used) await slice.next()
    const entry = entries[index]
    if (entry === undefined || !matchesSelectors(entry, labels, fields)) continue
    if (matching.length === limit) return listing(revision, matching, true, undefined)
    matching.push(entry)
  }
  await slice.end()
  return listing(revision, matching, false, undefined)
}

export function listing(
  revision: Revision,
  entries: readonly CacheEntry[],
  more: boolean,
  remaining: number | undefined,
): CacheListing {
  return {
    outcome: 'listed',
    revision,
    entries,
    continueAfter: more ? entries.at(-1)?.key : undefined,
    remaining: more ? remaining : undefined,
  }
}

/**
 * The entries that the field selector points at, in key order, when it names an object, a namespace or an indexed value;
 * undefined when only a scan can tell. The selectors must still be applied.
 */
export function candidates(state: ResourceState, options: CacheListOptions): readonly CacheEntry[] | undefined {
  const fields = narrowing(options.fieldSelector)
  if (fields === undefined) return undefined
  const wanted = options.namespace ?? ''
  const inNamespace = fields.requiresExactMatch('metadata.namespace')
  if (wanted !== '' && inNamespace !== undefined && inNamespace !== wanted) return []
  const namespace = wanted === '' ? (inNamespace ?? '') : wanted
  const found = lookUp(state, fields)
  if (found === undefined)
    return inNamespace === undefined || inNamespace === '' ? undefined : state.snapshot(namespace)
  const scoped = namespace === '' ? found.slice() : found.filter((entry) => entry.namespace === namespace)
  return scoped.sort((left, right) => compareKeys(left.key, right.key))
}

function lookUp(state: ResourceState, fields: FieldSelector): readonly CacheEntry[] | undefined {
  const name = fields.requiresExactMatch('metadata.name')
  if (name !== undefined) return state.byName(name)
  for (const { field, operator, value } of fields.requirements) {
    if (operator !== '=') continue
    const count = state.countByField(field, value)
    // A value that a good part of all objects has (pods without a node) is found faster by the scan than by sorting.
    if (count !== undefined && count * 8 <= Math.max(state.size, 512)) return state.byField(field, value)
  }
  return undefined
}

function firstAfter(entries: readonly CacheEntry[], key: string): number {
  const index = lowerBound(entries, key)
  return entries[index]?.key === key ? index + 1 : index
}

/** A selector that excludes something, else undefined. */
export function narrowing<Selector extends LabelSelector | FieldSelector>(
  selector: Selector | undefined,
): Selector | undefined {
  return selector === undefined || selector.matchesEverything ? undefined : selector
}
