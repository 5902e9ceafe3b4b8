// Selectors on cache entries.
import type { FieldSelector, LabelSelector } from '@keelson/apimachinery'
import type { CacheEntry } from './types.ts'

/** The value of a selectable field; '' when absent. */
function fieldOf(entry: CacheEntry, field: string): string {
  if (field === 'metadata.name') return entry.name
  if (field === 'metadata.namespace') return entry.namespace
  return entry.fields?.[field] ?? ''
}

// One getter for all calls: a closure for every entry of a scan would be garbage. Matching never yields in between.
let current: CacheEntry | undefined
const fieldOfCurrent = (field: string): string => (current === undefined ? '' : fieldOf(current, field))

export function matchesSelectors(
  entry: CacheEntry,
  labels: LabelSelector | undefined,
  fields: FieldSelector | undefined,
): boolean {
  if (labels !== undefined && !labels.matches(entry.labels)) return false
  if (fields === undefined) return true
  current = entry
  const matches = fields.matches(fieldOfCurrent)
  current = undefined
  return matches
}
