// What one watch sees of an event: its scope and selectors, applied to the object before and after the change.
import type { FieldSelector, LabelSelector } from '@keelson/apimachinery'
import type { CacheEntry, CacheEvent } from '@keelson/storage'

export type SeenType = 'ADDED' | 'MODIFIED' | 'DELETED'

export class EventFilter {
  /** '': all namespaces. */
  readonly namespace: string
  /** The one name that can match; undefined: more than one. */
  readonly name: string | undefined
  readonly labelSelector: LabelSelector
  readonly fieldSelector: FieldSelector
  /** Equal filters have equal keys. */
  readonly key: string
  readonly #selectsAll: boolean

  constructor(namespace: string, labelSelector: LabelSelector, fieldSelector: FieldSelector) {
    this.namespace = namespace || (fieldSelector.requiresExactMatch('metadata.namespace') ?? '')
    this.name = fieldSelector.requiresExactMatch('metadata.name')
    this.labelSelector = labelSelector
    this.fieldSelector = fieldSelector
    this.#selectsAll = labelSelector.matchesEverything && fieldSelector.matchesEverything
    this.key = this.#selectsAll ? this.namespace : `${this.namespace}\n${labelSelector}\n${fieldSelector}`
  }

  /**
   * An object that begins to match is ADDED and one that ceases to match is DELETED, whatever happened to it. The scope
   * (namespace) is checked too: history holds the events of all.
   */
  classify(event: CacheEvent): SeenType | undefined {
    if (this.namespace !== '' && event.entry.namespace !== this.namespace) return undefined
    if (this.#selectsAll) return event.type
    const before = event.type === 'DELETED' ? (event.previous ?? event.entry) : event.previous
    const matched = before !== undefined && this.#matches(before)
    const matches = event.type !== 'DELETED' && this.#matches(event.entry)
    if (matches) return matched ? 'MODIFIED' : 'ADDED'
    return matched ? 'DELETED' : undefined
  }

  #matches(entry: CacheEntry): boolean {
    return (
      this.labelSelector.matches(entry.labels) && (this.fieldSelector.matchesEverything || this.#fieldsMatch(entry))
    )
  }

  /** Over the requirements, not through FieldSelector.matches: no closure for each event. */
  #fieldsMatch(entry: CacheEntry): boolean {
    for (const { field, operator, value } of this.fieldSelector.requirements) {
      if ((fieldOf(entry, field) === value) !== (operator === '=')) return false
    }
    return true
  }
}

function fieldOf(entry: CacheEntry, field: string): string {
  if (field === 'metadata.name') return entry.name
  if (field === 'metadata.namespace') return entry.namespace
  return entry.fields?.[field] ?? ''
}
