// The steps of one scenario: several managers create, apply, patch and update one object.
import { type ExchangeRequest, type JsonMap, isMap } from '../../conformance/exchange.ts'
import type { Random } from '../fuzz/random.ts'
import type { ApplyKind } from './wants.ts'

export interface Place {
  readonly kind: ApplyKind
  readonly namespace: string
  readonly name: string
}

/** A request, given the object as the server that is asked has it. */
export type ApplyStep = (current: JsonMap | undefined) => ExchangeRequest

const APPLY = { 'content-type': 'application/apply-patch+yaml' }
const MERGE = { 'content-type': 'application/merge-patch+json' }
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' }
const MANAGERS = ['one', 'two', 'three', 'kubectl'] as const

export function createSteps(place: Place, random: Random): ApplyStep[] {
  const count = 4 + random.below(8)
  const steps = [firstStep(place, random)]
  while (steps.length < count) steps.push(nextStep(place, random))
  return steps
}

const pathOf = ({ kind, namespace, name }: Place, subresource = ''): string =>
  `${collectionOf(kind, namespace)}/${name}${subresource === '' ? '' : `/${subresource}`}`

export const collectionOf = ({ api, namespaced, resource }: ApplyKind, namespace: string): string =>
  `${api}/${namespaced ? `namespaces/${namespace}/` : ''}${resource}`

function identity({ kind, name }: Place, body: JsonMap): JsonMap {
  const metadata = isMap(body.metadata) ? body.metadata : {}
  const version = kind.api.replace(/^\/apis?\//, '')
  return { ...body, apiVersion: version, kind: kind.kind, metadata: { ...metadata, name } }
}

/** One tree over another: maps are joined, all else is the second's. */
function over(left: unknown, right: unknown): unknown {
  if (!isMap(left) || !isMap(right)) return right
  const result: JsonMap = { ...left }
  for (const [key, value] of Object.entries(right)) result[key] = key in left ? over(left[key], value) : value
  return result
}

const whole = (kind: ApplyKind, random: Random): JsonMap => over(kind.base(random), kind.want(random)) as JsonMap // Two maps.

function query(random: Random, fields: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...fields, ...(random.chance(0.05) && { dryRun: 'All' }) }
}

function firstStep(place: Place, random: Random): ApplyStep {
  const created = place.kind.created?.(random) ?? {}
  const body = identity(place, over(whole(place.kind, random), created) as JsonMap) // Two maps.
  const fieldManager = random.pick(MANAGERS)
  if (random.chance(0.5)) {
    return () => ({ method: 'POST', path: collectionOf(place.kind, place.namespace), query: { fieldManager }, body })
  }
  return () => ({ method: 'PATCH', path: pathOf(place), query: { fieldManager }, headers: APPLY, body })
}

function nextStep(place: Place, random: Random): ApplyStep {
  const makers: [number, () => ApplyStep][] = [
    [10, () => applyStep(place, random)],
    [3, () => mergeStep(place, random)],
    [2, () => strategicStep(place, random)],
    [4, () => updateStep(place, random)],
    [1, () => managersStep(place, random)],
  ]
  if (place.kind.status !== undefined) makers.push([3, () => statusStep(place, random)])
  if (place.kind.scalable === true) makers.push([3, () => scaleStep(place, random)])
  return random.weighted(makers)()
}

function applyStep(place: Place, random: Random): ApplyStep {
  const wanted = random.chance(0.5) ? whole(place.kind, random) : place.kind.want(random)
  const body = spoiled(identity(place, wanted), random)
  const fields = { fieldManager: random.pick(MANAGERS), ...(random.chance(0.5) && { force: 'true' }) }
  const request = { method: 'PATCH', path: pathOf(place), query: query(random, fields), headers: APPLY, body }
  return () => request
}

/** Now and then, something that an apply may not say. */
function spoiled(body: JsonMap, random: Random): JsonMap {
  if (random.chance(0.93)) return body
  return over(
    body,
    random.pick<JsonMap>([
      { spec: { bogus: 1 } },
      { metadata: { labels: { a: 1 } } },
      { metadata: { finalizers: ['example.com/f', 'example.com/f'] } },
      { metadata: { annotations: null } },
      { metadata: { managedFields: [{}] } },
      { metadata: { resourceVersion: '1' } },
      { spec: 'text' },
      { metadata: { labels: [] } },
      { spec: { replicas: 'x' } },
      { spec: { template: null } },
      { spec: { replicas: null } },
      { spec: { template: { spec: { containers: [{ name: 'c' }, { name: 'c' }] } } } },
      { spec: { template: { spec: { containers: [{ image: 'x' }] } } } },
      { spec: { template: { spec: { containers: [null] } } } },
      { spec: { ports: [{ name: 'x' }] } },
    ]),
  ) as JsonMap // Two maps.
}

function mergeStep(place: Place, random: Random): ApplyStep {
  const wanted = place.kind.want(random)
  const body = random.chance(0.3) ? holed(wanted, random) : wanted
  const fields = query(random, { fieldManager: random.pick(MANAGERS) })
  return () => ({ method: 'PATCH', path: pathOf(place), query: fields, headers: MERGE, body })
}

/** Some members become null: they are taken away. */
function holed(value: JsonMap, random: Random): JsonMap {
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (random.chance(0.25)) return [key, null]
      return [key, isMap(member) ? holed(member, random) : member]
    }),
  )
}

function strategicStep(place: Place, random: Random): ApplyStep {
  const body = place.kind.want(random)
  const fieldManager = random.pick(MANAGERS)
  return () => ({ method: 'PATCH', path: pathOf(place), query: { fieldManager }, headers: STRATEGIC, body })
}

/** What was read last with other wishes over it; managedFields sent back, left out, or cleared. */
function updateStep(place: Place, random: Random): ApplyStep {
  const wanted = place.kind.want(random)
  const fieldManager = random.pick(MANAGERS)
  const managers = random.weighted<'kept' | 'dropped' | 'cleared' | 'invalid'>([
    [6, 'kept'],
    [3, 'dropped'],
    [0.5, 'cleared'],
    [0.5, 'invalid'],
  ])
  const first = identity(place, whole(place.kind, random))
  return (current) => {
    const next = over(current ?? first, wanted) as JsonMap // Two maps.
    const metadata: JsonMap = { ...(next.metadata as JsonMap) } // An object's.
    delete metadata.resourceVersion
    if (managers === 'dropped') delete metadata.managedFields
    if (managers === 'cleared') metadata.managedFields = []
    if (managers === 'invalid')
      metadata.managedFields = [{ manager: 'x', operation: 'Nothing', fieldsType: 'FieldsV1' }]
    return { method: 'PUT', path: pathOf(place), query: { fieldManager }, body: { ...next, metadata } }
  }
}

/** managedFields as a client would rewrite them by hand. */
function managersStep(place: Place, random: Random): ApplyStep {
  const entry = (manager: string, fieldsV1: unknown, more: JsonMap = {}): JsonMap => ({
    manager,
    operation: 'Update',
    apiVersion: place.kind.api.replace(/^\/apis?\//, ''),
    time: '2024-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...more,
  })
  const managedFields = random.pick<unknown>([
    [],
    [{}],
    [entry('hand', { 'f:metadata': { 'f:labels': { 'f:a': {}, '.': {} } } })],
    [entry('hand', { 'f:spec': { 'f:b': {}, 'k:{"b":1,"a":2}': {} } }, { operation: 'Apply' })],
    [entry('hand', { 'f:spec': { 'x:unknown': {} } })],
    [entry('hand', { 'f:metadata': { 'f:labels': {} } }, { apiVersion: 'gone.example.com/v1' })],
    [entry('hand', {}, { fieldsType: '' })],
    [entry('', { 'f:metadata': { 'f:annotations': { 'f:x': {} } } })],
    [entry('two', { 'f:metadata': { 'f:labels': { 'f:a': {} } } }), entry('two', { 'f:data': { 'f:a': {} } })],
    Array.from({ length: 12 }, (_, index) =>
      entry(`m${index}`, { 'f:metadata': { 'f:labels': { [`f:l${index}`]: {} } } }),
    ),
  ])
  const labels = { a: random.pick(['1', '2']) }
  const fieldManager = random.pick(MANAGERS)
  const body = { metadata: { managedFields, labels } }
  return () => ({ method: 'PATCH', path: pathOf(place), query: { fieldManager }, headers: MERGE, body })
}

function statusStep(place: Place, random: Random): ApplyStep {
  const body = place.kind.status?.(random) ?? {}
  const fieldManager = random.pick(MANAGERS)
  const path = pathOf(place, 'status')
  if (random.chance(0.4)) return () => ({ method: 'PATCH', path, query: { fieldManager }, headers: MERGE, body })
  if (random.chance(0.3)) {
    const first = identity(place, whole(place.kind, random))
    return (current) => {
      const next = over(current ?? first, body) as JsonMap // Two maps.
      const { resourceVersion: _any, ...metadata } = next.metadata as JsonMap // An object's.
      return { method: 'PUT', path, query: { fieldManager }, body: { ...next, metadata } }
    }
  }
  const force: Record<string, string> = random.chance(0.5) ? { force: 'true' } : {}
  return () => ({
    method: 'PATCH',
    path,
    query: { fieldManager, ...force },
    headers: APPLY,
    body: identity(place, body),
  })
}

function scaleStep(place: Place, random: Random): ApplyStep {
  const spec = { replicas: random.pick([1, 2, 0]) }
  const fieldManager = random.pick(MANAGERS)
  const path = pathOf(place, 'scale')
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: place.name }, spec }
  if (random.chance(0.3)) {
    const body = { ...scale, metadata: { ...scale.metadata, namespace: place.namespace } }
    return () => ({ method: 'PUT', path, query: { fieldManager }, body })
  }
  if (random.chance(0.5))
    return () => ({ method: 'PATCH', path, query: { fieldManager }, headers: MERGE, body: { spec } })
  const force: Record<string, string> = random.chance(0.5) ? { force: 'true' } : {}
  return () => ({ method: 'PATCH', path, query: { fieldManager, ...force }, headers: APPLY, body: scale })
}
