// A scenario: one object that is created, read, changed and deleted in random ways. Steps are drawn one at a time, because
// what can be mutated depends on what the object has become.
import type { JsonMap } from '../../conformance/exchange.ts'
import { type Mutation, applyMutations, randomMutation } from './mutation.ts'
import type { Random } from './random.ts'
import { type Step, type Target, type Verb, baseOf, objectName } from './step.ts'

const CHANGES: readonly Verb[] = ['update', 'json-patch', 'merge-patch', 'strategic-patch', 'apply']
const ATTEMPTS_TO_CREATE = 3

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const PARTIAL = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
const PARTIAL_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'

/** The verbs of a scenario after the creation, in random order, each change about equally often. */
export function planOf({ kind }: Target, random: Random): Step[] {
  const step = (verb: Verb, subresource?: string): Step => ({
    verb,
    mutations: [],
    ...(subresource && { subresource }),
  })
  const steps = [...CHANGES.map((verb) => step(verb)), step('get'), step('list'), step('get')]
  for (const subresource of ['status', 'approval']) {
    if (kind.subresources.includes(subresource)) steps.push(step(random.pick(CHANGES), subresource))
  }
  if (random.chance(0.5)) steps.push(step(random.pick(CHANGES)))
  const shuffled = steps.map((each) => [random.next(), each] as const).toSorted(([a], [b]) => a - b)
  return [...shuffled.map(([, each]) => each), step('delete')]
}

/** The next attempt to create; the last one is not mutated. */
export function creation(target: Target, attempt: number, random: Random, without: readonly string[]): Step {
  const sample = random.below(target.kind.samples.length)
  const verb = random.chance(0.15) && !without.includes('apply') ? 'apply' : 'create'
  const mutated = attempt < ATTEMPTS_TO_CREATE - 1
  return fill({ verb, sample, mutations: [] }, target, undefined, random, mutated ? undefined : 0)
}
export { ATTEMPTS_TO_CREATE }

/** The step with its mutations, its query and its headers. */
export function fill(
  step: Step,
  target: Target,
  current: JsonMap | undefined,
  random: Random,
  mutations = random.weighted([
    [2, 0],
    [6, 1],
    [2, 2],
    [1, 3],
  ]),
): Step {
  switch (step.verb) {
    case 'get':
      return {
        ...step,
        accept: random.pick([TABLE, TABLE, `${TABLE}, application/json`, PARTIAL, 'application/yaml', '*/*']),
        ...includeObject(random),
      }
    case 'list':
      return {
        ...step,
        accept: random.pick([TABLE, TABLE, PARTIAL_LIST, 'application/json', 'application/yaml']),
        query: selectors(target, random),
      }
    case 'delete':
      return { ...step, ...deletion(random) }
    default:
  }
  const sampled = { sample: random.below(target.kind.samples.length), ...step }
  const filled: Step = {
    ...sampled,
    mutations: drawMutations(sampled, target, current, mutations, random),
    query: writeQuery(step.verb, random),
    ...(step.verb === 'update' && random.chance(0.2) && { unconditional: true }),
    ...(step.verb === 'json-patch' && random.chance(0.1) && { extra: [oddOperation(random)] }),
  }
  return filled
}

function drawMutations(
  step: Step,
  target: Target,
  current: JsonMap | undefined,
  count: number,
  random: Random,
): Mutation[] {
  const { kind } = target
  const within = step.subresource === 'status' ? (random.chance(0.9) ? ['status'] : []) : []
  let object = baseOf(step, target, current)
  const drawn: Mutation[] = []
  // An applier rarely says everything: it leaves some of the sample out.
  const dropped = step.verb === 'apply' ? random.below(4) : 0
  for (let i = 0; i < count + dropped; i++) {
    const mutation = randomMutation(object, { schema: kind.schema, schemas: kind.schemas, within }, random)
    if (mutation === undefined) break
    const chosen =
      i < dropped && !('insert' in mutation) && mutation.at[0] !== 'metadata'
        ? { at: mutation.at, drop: true as const }
        : mutation
    drawn.push(chosen)
    object = applyMutations(object, [chosen])
  }
  return drawn
}

function writeQuery(verb: Verb, random: Random): Record<string, string> {
  const query: Record<string, string> = {}
  if (random.chance(0.1)) query.dryRun = 'All'
  if (random.chance(0.2)) query.fieldManager = random.pick(['one', 'two', 'three'])
  if (random.chance(0.5)) query.fieldValidation = random.pick(['Strict', 'Warn', 'Ignore'])
  if (verb === 'apply') {
    query.fieldManager = random.pick(['one', 'two', 'three'])
    if (random.chance(0.6)) query.force = 'true'
  }
  return query
}

const includeObject = (random: Random): Partial<Step> =>
  random.chance(0.4) ? { query: { includeObject: random.pick(['None', 'Metadata', 'Object']) } } : {}

/** A scenario sees its own object only: others of the kind live at the same time. */
function selectors(target: Target, random: Random): Record<string, string> {
  const name = objectName(target)
  const query: Record<string, string> = { fieldSelector: `metadata.name=${name}` }
  if (random.chance(0.4)) {
    query.labelSelector = random.pick([
      'fuzz=yes',
      'fuzz!=yes',
      'fuzz in (yes,no),!none',
      'fuzz',
      '!fuzz',
      'fuzz=',
      'a b',
      'fuzz notin (no)',
      'x in ()',
    ])
  }
  if (random.chance(0.15))
    query.fieldSelector += random.pick([
      ',spec.nodeName=',
      ',status.phase=Pending',
      ',type=Opaque',
      ',spec.none=a',
      ',metadata.namespace=x',
      ',,',
      ',a',
    ])
  if (random.chance(0.1)) query.limit = random.pick(['1', '0', '-1', 'x'])
  return query
}

function deletion(random: Random): Partial<Step> {
  const options: JsonMap = { apiVersion: 'v1', kind: 'DeleteOptions' }
  if (random.chance(0.4)) {
    options.preconditions = random.pick<JsonMap>([
      { uid: 'own' },
      { uid: '11111111-2222-3333-4444-555555555555' },
      { resourceVersion: 'own' },
      { resourceVersion: '1' },
      { uid: 'own', resourceVersion: 'own' },
      { uid: '' },
    ])
  }
  if (random.chance(0.4)) options.propagationPolicy = random.pick(['Foreground', 'Background', 'Orphan', 'Bogus'])
  if (random.chance(0.3)) options.gracePeriodSeconds = random.pick([0, 1, 30, -1])
  if (random.chance(0.05)) options.orphanDependents = random.chance(0.5)
  if (random.chance(0.1)) options.dryRun = random.pick([['All'], ['Bogus'], []])
  if (random.chance(0.3))
    return random.chance(0.5) ? {} : { query: { gracePeriodSeconds: random.pick(['0', '5', 'x']) } }
  return { extra: [options] }
}

const oddOperation = (random: Random): JsonMap =>
  random.pick<JsonMap>([
    { op: 'test', path: '/metadata/labels/fuzz', value: 'yes' },
    { op: 'test', path: '/metadata/labels/fuzz', value: 'no' },
    { op: 'copy', from: '/metadata/labels', path: '/metadata/annotations' },
    { op: 'move', from: '/metadata/labels/fuzz', path: '/metadata/labels/moved' },
    { op: 'remove', path: '/metadata/labels/none' },
    { op: 'replace', path: '/metadata/name', value: 'other' },
    { op: 'add', path: '/metadata/labels', value: null },
    { op: 'bogus', path: '/metadata' },
  ])
