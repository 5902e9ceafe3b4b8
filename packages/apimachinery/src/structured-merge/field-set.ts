// A set of fields as managedFields has it (fieldsV1): a tree of path elements. An element without children is a member; one with
// children is a member too when it has `.`. So the JSON of an entry is the set itself, and needs no decoding.
// No function changes its arguments; results share what is equal. Elements stand in the order of managedFields (a comparison's do
// not, until `sorted`), and all functions keep it.
import type { JsonObject } from '../types.ts'
import { compareElements } from './path-element.ts'

export interface FieldSet {
  readonly [element: string]: FieldSet
}

/** A set while it is being built. */
export interface FieldSetBuilder {
  [element: string]: FieldSet
}

/** An element that is a member and has no children. Also: the empty set, at the root. */
export const LEAF: FieldSet = Object.freeze({})

const SELF = '.'

/** A set's JSON is what stands in fieldsV1, and the other way round for what readFieldSet has seen. */
export const fieldSetJson = (set: FieldSet): JsonObject => set as JsonObject

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

/** Of a node: whether the field that it stands for is in the set, beside those below it. */
export const isMember = (node: FieldSet): boolean => node[SELF] !== undefined || isEmptySet(node)

/** The node for an element: undefined when there is nothing to tell of it. */
export function nodeOf(member: boolean, children: FieldSet | undefined): FieldSet | undefined {
  if (children === undefined || isEmptySet(children)) return member ? LEAF : undefined
  if (!member || children[SELF] !== undefined) return children
  return { [SELF]: LEAF, ...children }
}

function childrenOf(node: FieldSet): FieldSet {
  if (node[SELF] === undefined) return node
  const { [SELF]: _self, ...children } = node
  return children
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left
  if (isEmptySet(left)) return right
  let result: FieldSetBuilder | undefined
  let hasMore = false
  for (const element in right) {
    const [mine, other] = [left[element], right[element]!]
    const merged = mine === undefined ? other : unionNode(mine, other)
    if (merged === mine) continue
    if (mine === undefined) hasMore = true
    result ??= { ...left }
    result[element] = merged
  }
  if (result === undefined) return left
  return hasMore ? inOrderOfElements(result, Object.keys(result)) : result
}

function unionNode(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left
  const member = isMember(left) || isMember(right)
  const children = union(childrenOf(left), childrenOf(right))
  const node = nodeOf(member, children) ?? LEAF
  return isEmptySet(right) && isMember(left) ? left : node
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const result: FieldSetBuilder = {}
  for (const element in left) {
    const [mine, other] = [left[element]!, right[element]]
    if (other === undefined || element === SELF) continue
    const node = nodeOf(isMember(mine) && isMember(other), intersection(mine, other))
    if (node !== undefined) result[element] = node
  }
  return result
}

/** What is in `left` and not in `right`. A member taken away leaves its children, and the other way round. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return without(left, right, false)
}

/** The same, but a member taken away takes its children along. */
export function recursiveDifference(left: FieldSet, right: FieldSet): FieldSet {
  return without(left, right, true)
}

function without(left: FieldSet, right: FieldSet, recursive: boolean): FieldSet {
  let result: FieldSetBuilder | undefined
  for (const element in right) {
    const mine = left[element]
    if (mine === undefined || element === SELF) continue
    const other = right[element]!
    const isTaken = isMember(other)
    const node = isTaken && recursive ? undefined : withoutNode(mine, other, isTaken, recursive)
    if (node === mine) continue
    result ??= { ...left }
    if (node === undefined) delete result[element]
    else result[element] = node
  }
  return result ?? left
}

function withoutNode(mine: FieldSet, other: FieldSet, isTaken: boolean, recursive: boolean): FieldSet | undefined {
  const member = isMember(mine)
  const children = childrenOf(mine)
  const kept = without(children, other, recursive)
  return kept === children && !(member && isTaken) ? mine : nodeOf(member && !isTaken, kept)
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true
  let count = 0
  for (const element in left) {
    const other = right[element]
    if (other === undefined || !equalSets(left[element]!, other)) return false
    count++
  }
  for (const _ in right) count--
  return count === 0
}

/** Whether the field itself is a member; `path` as elements. */
export function hasField(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set
  for (const element of path) {
    node = node[element]
    if (node === undefined) return false
  }
  return path.length > 0 && isMember(node)
}

/** Every member, an element before its children, as upstream visits them: all members of a level before the levels below. */
export function* membersOf(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const elements = Object.keys(set).filter((element) => element !== SELF)
  for (const element of elements) if (isMember(set[element]!)) yield [...prefix, element]
  for (const element of elements) yield* membersOf(set[element]!, [...prefix, element])
}

export function insert(set: FieldSetBuilder, path: readonly string[]): void {
  let node = set
  const last = path.length - 1
  path.forEach((element, index) => {
    const child = node[element]
    if (index === last) {
      node[element] = child === undefined ? LEAF : (nodeOf(true, child) ?? LEAF)
      return
    }
    const next: FieldSetBuilder = child === undefined ? {} : isEmptySet(child) ? { [SELF]: LEAF } : { ...child }
    node[element] = next
    node = next
  })
}

/** With its elements in the order of managedFields, all the way down. */
export function sorted(set: FieldSet): FieldSet {
  let result: FieldSetBuilder | undefined
  for (const element in set) {
    const node = set[element]!
    const child = node === LEAF ? node : sorted(node)
    if (child === node) continue
    result ??= { ...set }
    result[element] = child
  }
  const made = result ?? set
  return inOrderOfElements(made, Object.keys(made))
}

function inOrderOfElements(set: FieldSet, elements: string[]): FieldSet {
  let isInOrder = true
  for (let index = 1; index < elements.length && isInOrder; index++) {
    isInOrder = inOrder(elements[index - 1]!, elements[index]!)
  }
  if (isInOrder) return set
  elements.sort((left, right) => (inOrder(left, right) ? -1 : 1))
  const result: FieldSetBuilder = {}
  for (const element of elements) result[element] = set[element]!
  return result
}

function inOrder(left: string, right: string): boolean {
  if (left === SELF) return true
  if (right === SELF) return false
  return compareElements(left, right) < 0
}
