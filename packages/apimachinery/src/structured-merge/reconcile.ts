// Sets that say more than the schema has: a manager of fields inside of what has become atomic owns it as a whole.
import { type FieldSet, type FieldSetBuilder, LEAF, isEmptySet, isMember, nodeOf } from './field-set.ts'
import type { FieldType } from './field-type.ts'

/** Shared sets that fit, and what they fit: most managers are those of the object before. */
const fitting = new WeakMap<FieldSet, FieldType>()

/** The set itself when it fits. */
export function reconcileWithSchema(set: FieldSet, type: FieldType): FieldSet {
  if (fitting.get(set) === type) return set
  const reconciled = reconcile(set, type)
  if (reconciled === set && Object.isFrozen(set)) fitting.set(set, type)
  return reconciled
}

function reconcile(set: FieldSet, type: FieldType): FieldSet {
  if (type.map !== undefined) return type.map.deduced ? set : reconcileChildren(set, type)
  return type.list === undefined || type.scalar !== undefined ? set : reconcileChildren(set, type)
}

function reconcileChildren(set: FieldSet, type: FieldType): FieldSet {
  let result: FieldSetBuilder | undefined
  for (const element in set) {
    const node = set[element]!
    if (element === '.' || isEmptySet(node)) continue
    const below = typeOf(type, element)
    if (below === undefined) continue
    const reconciled = isAtomic(below) ? LEAF : reconcileNode(node, below)
    if (reconciled === node) continue
    result ??= { ...set }
    result[element] = reconciled
  }
  return result ?? set
}

function reconcileNode(node: FieldSet, type: FieldType): FieldSet {
  const reconciled = reconcile(node, type)
  return reconciled === node ? node : (nodeOf(isMember(node), reconciled) ?? node)
}

/** Maps before scalars before lists, where a value could be any. */
function isAtomic({ map, scalar, list }: FieldType): boolean {
  if (map !== undefined) return map.atomic && !map.deduced
  return scalar === undefined && list?.atomic === true
}

function typeOf(type: FieldType, element: string): FieldType | undefined {
  if (type.map !== undefined) {
    return (element.startsWith('f:') ? type.map.field(element.slice(2))?.type : undefined) ?? type.map.element
  }
  return type.list?.element
}
