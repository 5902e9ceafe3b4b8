// Which fields a write can own at all: a status update does not own the spec that it cannot change.
import { type FieldSet, type FieldSetBuilder, isEmptySet, isMember, nodeOf, recursiveDifference } from './field-set.ts'

export type FieldFilter =
  /** Everything but these fields and what is in them. */
  | { readonly exclude: FieldSet }
  /** Only what is on these paths. */
  | { readonly include: PathPattern }

/** Elements, `*` for any; null: everything below. */
export interface PathPattern {
  readonly [element: string]: PathPattern | null
}

export function filterFields(set: FieldSet, filter: FieldFilter | undefined): FieldSet {
  if (filter === undefined || isEmptySet(set)) return set
  return 'exclude' in filter ? recursiveDifference(set, filter.exclude) : included(set, filter.include)
}

function included(set: FieldSet, pattern: PathPattern): FieldSet {
  const result: FieldSetBuilder = {}
  for (const element in set) {
    if (element === '.') continue
    const node = set[element]!
    const below = '*' in pattern ? pattern['*'] : pattern[element]
    if (below === undefined) continue
    const kept = below === null ? node : nodeOf(isMember(node), included(node, below))
    if (kept !== undefined) result[element] = kept
  }
  return result
}
