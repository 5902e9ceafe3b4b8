// A mutation is data (where, what), so that a scenario can be repeated on another copy of the object, printed, and shrunk.
import { type JsonMap, isMap } from '../../conformance/exchange.ts'
import { type Schema, type Schemas, resolveSchema } from './kinds.ts'
import type { Random } from './random.ts'
import { altered, plausible, retyped } from './values.ts'

export type Path = readonly (string | number)[]
export type Mutation =
  | { readonly at: Path; readonly set: unknown }
  | { readonly at: Path; readonly drop: true }
  | { readonly at: Path; readonly insert: unknown }

/** `[]` inserts at the end of a list. A mutation whose place is not there changes nothing. */
export function applyMutations(object: JsonMap, mutations: readonly Mutation[]): JsonMap {
  const copy = structuredClone(object)
  for (const mutation of mutations) applyMutation(copy, mutation)
  return copy
}

function applyMutation(object: JsonMap, mutation: Mutation): void {
  const last = mutation.at.at(-1)
  const parent = valueAt(object, mutation.at.slice(0, -1))
  if (last === undefined || typeof parent !== 'object' || parent === null) return
  if (Array.isArray(parent)) {
    if ('insert' in mutation) parent.splice(Number(last), 0, structuredClone(mutation.insert))
    else if ('drop' in mutation) parent.splice(Number(last), 1)
    else parent[Number(last)] = structuredClone(mutation.set)
  } else if (isMap(parent)) {
    if ('drop' in mutation) delete parent[last]
    else parent[last] = structuredClone('set' in mutation ? mutation.set : mutation.insert)
  }
}

export const valueAt = (object: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, step) => {
    if (Array.isArray(node)) return node[Number(step)]
    return isMap(node) ? node[step] : undefined
  }, object)

interface Place {
  readonly path: Path
  readonly value: unknown
  readonly schema: Schema
}

/** These name the object and its version: a request about them alone says little, and other requests rely on them. */
const FIXED = new Set([
  'apiVersion',
  'kind',
  'metadata/name',
  'metadata/namespace',
  'metadata/uid',
  'metadata/resourceVersion',
  'metadata/managedFields',
])

/** Every place below the roots that may be mutated. */
function placesOf(object: JsonMap, schema: Schema, schemas: Schemas): Place[] {
  const places: Place[] = []
  const walk = (value: unknown, given: Schema | undefined, path: Path): void => {
    if (FIXED.has(path.join('/'))) return
    const resolved = resolveSchema(given, schemas)
    if (path.length > 0) places.push({ path, value, schema: resolved })
    if (Array.isArray(value)) value.forEach((item, index) => walk(item, resolved.items, [...path, index]))
    else if (isMap(value)) {
      for (const [name, item] of Object.entries(value))
        walk(item, resolved.properties?.[name] ?? resolved.additionalProperties, [...path, name])
    }
  }
  walk(object, schema, [])
  return places
}

export interface MutationSource {
  readonly schema: Schema
  readonly schemas: Schemas
  /** Only below these members (`status` for a status update); everywhere when empty. */
  readonly within: readonly string[]
}

/** One random mutation of `object`; undefined when there is no place for one. */
export function randomMutation(object: JsonMap, source: MutationSource, random: Random): Mutation | undefined {
  const { schema, schemas, within } = source
  const all = placesOf(object, schema, schemas)
  const places = within.length === 0 ? all : all.filter(({ path }) => within.includes(String(path[0])))
  if (places.length === 0) return undefined
  // Metadata is the same for all kinds: drawn as often as a tenth of the rest.
  const inMetadata = random.chance(0.1)
  const preferred = places.filter(({ path }) => (path[0] === 'metadata') === inMetadata)
  const place = random.pick(preferred.length > 0 ? preferred : places)
  return mutate(place, places, schemas, random)
}

function mutate({ path, value, schema }: Place, places: readonly Place[], schemas: Schemas, random: Random): Mutation {
  if (random.chance(0.04)) return { at: path, set: retyped(value, random) }
  if (Array.isArray(value)) return mutateList({ path, value, schema }, schemas, random)
  if (isMap(value)) return mutateMap({ path, value, schema }, schemas, random)
  return random.weighted<() => Mutation>([
    [10, () => ({ at: path, set: altered(value, schema, random) })],
    [2, () => ({ at: path, drop: true })],
    [2, () => ({ at: path, set: plausible(schema, schemas, random) })],
    [1, () => ({ at: path, set: sibling(path, places, random) ?? value })],
  ])()
}

/** The value of a field of the same name elsewhere: a cross-field change that keeps the type. */
function sibling(path: Path, places: readonly Place[], random: Random): unknown {
  const others = places.filter((place) => place.path.at(-1) === path.at(-1) && place.path !== path)
  return others.length > 0 ? random.pick(others).value : undefined
}

function mutateList(place: Place & { readonly value: unknown[] }, schemas: Schemas, random: Random): Mutation {
  const { path, value, schema } = place
  const index = random.below(Math.max(1, value.length))
  const item = value[index]
  return random.weighted<() => Mutation>([
    [4, () => ({ at: [...path, value.length], insert: plausible(schema.items, schemas, random) })],
    [2, () => ({ at: [...path, index], drop: true })],
    [2, () => ({ at: path, set: value.toReversed() })],
    [1, () => ({ at: [...path, value.length], insert: item ?? plausible(schema.items, schemas, random) })],
    [1, () => ({ at: path, set: [] })],
    [1, () => ({ at: path, drop: true })],
    [
      3,
      () => ({
        at: [...path, value.length],
        insert: renamed(item, random) ?? plausible(schema.items, schemas, random),
      }),
    ],
  ])()
}

/** A copy of a list's item under another name: a new item as valid as the old one. */
const renamed = (item: unknown, random: Random): unknown =>
  isMap(item) && typeof item.name === 'string' ? { ...item, name: `${item.name}-${random.below(9)}` } : item

function mutateMap(place: Place & { readonly value: JsonMap }, schemas: Schemas, random: Random): Mutation {
  const { path, value, schema } = place
  const known = Object.keys(schema.properties ?? {}).filter((name) => !(name in value))
  const child = random.pick([...Object.keys(value), 'none'])
  if (schema.properties === undefined) {
    const key = random.pick(['added', 'example.com/added', 'a/b/c', 'Bad Key', `k${'x'.repeat(63)}`, '-a', 'e.x/y'])
    return random.weighted<() => Mutation>([
      [4, () => ({ at: [...path, 'added'], set: plausible(schema.additionalProperties, schemas, random) })],
      [
        3,
        () => ({
          at: [...path, key],
          set: Object.values(value)[0] ?? plausible(schema.additionalProperties, schemas, random),
        }),
      ],
      [2, () => ({ at: [...path, child], drop: true })],
      [1, () => ({ at: path, set: {} })],
    ])()
  }
  return random.weighted<() => Mutation>([
    [known.length > 0 ? 6 : 0, () => addKnown(path, random.pick(known), schema, schemas, random)],
    [2, () => ({ at: [...path, child], drop: true })],
    [
      1,
      () => ({
        at: [...path, random.pick(['unknownField', 'Name', 'x-y'])],
        set: random.pick<unknown>([1, 'x', {}, null]),
      }),
    ],
    [1, () => ({ at: path, set: {} })],
    [1, () => ({ at: path, drop: true })],
  ])()
}

const addKnown = (path: Path, name: string, schema: Schema, schemas: Schemas, random: Random): Mutation => ({
  at: [...path, name],
  set: FIXED.has([...path, name].join('/')) ? 'x' : plausible(schema.properties?.[name], schemas, random),
})
