// Patches that make of an object what a list of mutations would.
import { type JsonMap, isMap } from '../../conformance/exchange.ts'
import { type Mutation, type Path, applyMutations, valueAt } from './mutation.ts'

const pointer = (path: Path): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

export function jsonPatchOf(base: JsonMap, mutations: readonly Mutation[]): JsonMap[] {
  let object = base
  return mutations.map((mutation) => {
    const before = object
    object = applyMutations(object, [mutation])
    const path = pointer(mutation.at)
    if ('drop' in mutation) return { op: 'remove', path }
    if ('insert' in mutation) return { op: 'add', path, value: mutation.insert }
    return { op: valueAt(before, mutation.at) === undefined ? 'add' : 'replace', path, value: mutation.set }
  })
}

/** undefined: no difference. */
export function mergePatchOf(before: unknown, after: unknown): unknown {
  if (!isMap(before) || !isMap(after)) return JSON.stringify(before) === JSON.stringify(after) ? undefined : after
  const patch: JsonMap = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!(key in after)) patch[key] = null
    else if (!(key in before)) patch[key] = after[key]
    else {
      const inner = mergePatchOf(before[key], after[key])
      if (inner !== undefined) patch[key] = inner
    }
  }
  return Object.keys(patch).length > 0 ? patch : undefined
}

/** Whatever the API uses as merge keys; an item of a patched list names itself by all of them that it has. */
const MERGE_KEYS = [
  'name',
  'key',
  'type',
  'containerPort',
  'port',
  'protocol',
  'mountPath',
  'devicePath',
  'ip',
  'uid',
  'topologyKey',
  'whenUnsatisfiable',
  'resourceName',
]

/** One member per mutation, merged; a mutation inside a list becomes an item that names itself. */
export function strategicPatchOf(base: JsonMap, mutations: readonly Mutation[]): JsonMap {
  const patch: JsonMap = {}
  // A copy: lists of several members grow together, and the mutations are used again.
  for (const mutation of mutations) merge(patch, structuredClone(strategicMember(base, mutation, 0)))
  return patch
}

function strategicMember(node: unknown, mutation: Mutation, depth: number): JsonMap {
  const { at } = mutation
  const step = at[depth]
  if (step === undefined) return {}
  const child = isMap(node) ? node[step] : undefined
  if (depth === at.length - 1) {
    return { [step]: 'drop' in mutation ? null : 'set' in mutation ? mutation.set : mutation.insert }
  }
  if (!Array.isArray(child)) return { [step]: strategicMember(child, mutation, depth + 1) }
  const item: unknown = child[Number(at[depth + 1])]
  if (depth + 1 === at.length - 1) {
    if ('drop' in mutation) return { [step]: [isMap(item) ? { $patch: 'delete', ...mergeKeys(item) } : null] }
    return { [step]: ['set' in mutation ? mutation.set : mutation.insert] }
  }
  return { [step]: [{ ...(isMap(item) ? mergeKeys(item) : {}), ...strategicMember(item, mutation, depth + 2) }] }
}

const mergeKeys = (item: JsonMap): JsonMap =>
  Object.fromEntries(MERGE_KEYS.filter((key) => key in item).map((key) => [key, item[key]])) as JsonMap // From entries of one.

function merge(target: JsonMap, source: JsonMap): void {
  for (const [key, value] of Object.entries(source)) {
    const there = target[key]
    if (isMap(there) && isMap(value)) merge(there, value)
    else if (Array.isArray(there) && Array.isArray(value)) there.push(...value)
    else target[key] = value
  }
}
