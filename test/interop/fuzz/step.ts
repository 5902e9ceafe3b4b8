// A step of a scenario as data, and the request that it stands for. The same step sent to two servers starts from each one's
// own copy of the object, because uids and revisions differ.
import { type ExchangeRequest, type JsonMap, isMap } from '../../conformance/exchange.ts'
import { type FuzzKind, apiVersionOf, collectionPath, parseSample } from './kinds.ts'
import { type Mutation, applyMutations, valueAt } from './mutation.ts'
import { jsonPatchOf, mergePatchOf, strategicPatchOf } from './patch-bodies.ts'

export const VERBS = [
  'create',
  'update',
  'json-patch',
  'merge-patch',
  'strategic-patch',
  'apply',
  'get',
  'list',
  'delete',
] as const
export type Verb = (typeof VERBS)[number]

export interface Step {
  readonly verb: Verb
  readonly mutations: readonly Mutation[]
  readonly query?: Readonly<Record<string, string>>
  readonly subresource?: string
  readonly accept?: string
  /** create, apply: which of the kind's samples is the start. */
  readonly sample?: number
  /** json-patch: operations after those of the mutations. delete: the options. */
  readonly extra?: readonly JsonMap[]
  /** update: without metadata.resourceVersion. */
  readonly unconditional?: boolean
}

export interface Target {
  readonly kind: FuzzKind
  readonly namespace: string
  readonly number: number
}

export const sampleOf = ({ kind, number, namespace }: Target, index: number): JsonMap => {
  const sample = parseSample(kind.samples[index % kind.samples.length] ?? '', { number })
  // Events and bindings name the namespace of their object, which has to be theirs.
  return JSON.parse(JSON.stringify(sample).replaceAll('$NAMESPACE', namespace)) as JsonMap // As it was, with other texts.
}

export const objectName = (target: Target): string => String(valueAt(sampleOf(target, 0), ['metadata', 'name']))

export const objectPath = (target: Target): string =>
  `${collectionPath(target.kind, target.namespace)}/${encodeURIComponent(objectName(target))}`

/** The object that mutations of the step refer to: what the server has, or the sample. */
export function baseOf(step: Step, target: Target, current: JsonMap | undefined): JsonMap {
  const sample = sampleOf(target, step.sample ?? 0)
  if (step.verb === 'create' || step.verb === 'apply') {
    if (step.verb === 'apply' && step.subresource === undefined) delete sample.status
    return { ...sample, metadata: { ...(sample.metadata as JsonMap), name: objectName(target) } } // An object's metadata.
  }
  if (current === undefined) return sample
  if (step.subresource !== 'status' || !isMap(sample.status)) return current
  return { ...current, status: { ...(isMap(current.status) ? current.status : {}), ...sample.status } }
}

const PATCH_TYPES: Partial<Record<Verb, string>> = {
  'json-patch': 'application/json-patch+json',
  'merge-patch': 'application/merge-patch+json',
  'strategic-patch': 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

export function requestOf(step: Step, target: Target, current: JsonMap | undefined): ExchangeRequest {
  const { verb, query, subresource, accept } = step
  const object = subresource === undefined ? objectPath(target) : `${objectPath(target)}/${subresource}`
  const contentType = PATCH_TYPES[verb]
  const headers = { ...(accept !== undefined && { accept }), ...(contentType && { 'content-type': contentType }) }
  const body = bodyOf(step, target, current)
  const common = { ...(query && { query }), headers, ...(body !== undefined && { body }) }
  const collection = collectionPath(target.kind, target.namespace)
  if (verb === 'create') return { method: 'POST', path: collection, ...common }
  if (verb === 'update') return { method: 'PUT', path: object, ...common }
  if (verb === 'get') return { method: 'GET', path: object, ...common }
  if (verb === 'list') return { method: 'GET', path: collection, ...common }
  if (verb === 'delete') return { method: 'DELETE', path: object, ...common }
  return { method: 'PATCH', path: object, ...common }
}

function bodyOf(step: Step, target: Target, current: JsonMap | undefined): unknown {
  const { verb, mutations, extra = [] } = step
  if (verb === 'get' || verb === 'list') return undefined
  if (verb === 'delete') return withOwnIdentity(extra[0], current)
  const base = baseOf(step, target, current)
  if (verb === 'json-patch') return [...jsonPatchOf(base, mutations), ...extra]
  const mutated = applyMutations(base, mutations)
  if (verb === 'merge-patch') return mergePatchOf(base, mutated) ?? {}
  if (verb === 'strategic-patch') return strategicPatchOf(base, mutations)
  if (step.unconditional && isMap(mutated.metadata)) delete mutated.metadata.resourceVersion
  return verb === 'apply' ? { apiVersion: apiVersionOf(target.kind), kind: target.kind.kind, ...mutated } : mutated
}

/** Preconditions say `own`, because each server has its own uid and revision. */
function withOwnIdentity(options: JsonMap | undefined, current: JsonMap | undefined): JsonMap | undefined {
  if (options === undefined || !isMap(options.preconditions)) return options
  const preconditions = Object.entries(options.preconditions).map(([key, value]) => [
    key,
    value === 'own' ? (valueAt(current, ['metadata', key]) ?? 'none') : value,
  ])
  return { ...options, preconditions: Object.fromEntries(preconditions) as JsonMap } // From entries of one.
}
