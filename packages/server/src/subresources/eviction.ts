// pods/NAME/eviction: a deletion that asks the pod's disruption budget first (`kubectl drain`).
//
// A pod that does not run needs no budget; one that is not ready needs none while enough others are. Both are deleted only as
// they were when that was found out. The pod is marked before it goes, so that its owners see why.
import { ensureNamespace, schemaOfKind } from '@keelson/api'
import { type KubeObject, StatusError, badRequest, conflict, fieldInvalid, invalid } from '@keelson/apimachinery'
import type { Handler } from '../context.ts'
import { readObject } from '../handlers/decode-body.ts'
import { type SaidOptions, checkedDeleteOptions } from '../handlers/delete-options.ts'
import { parseWriteOptions, untrackedContext } from '../handlers/write-options.ts'
import type { DeleteOptions, Registries, ResourceRegistry, WriteContext } from '../registry/types.ts'
import { respondStatus } from '../representation/status.ts'
import { SYSTEM_WRITE } from '../system-write.ts'
import { allowsUnready, budgetsOf, spent, stillProcessed } from './disruption-budget.ts'
import { type PodCondition, withTrueCondition } from './pod-condition.ts'

interface Eviction extends KubeObject {
  deleteOptions?: SaidOptions & { ignoreStoreReadErrorWithClusterBreakingPotential?: boolean }
}

interface Pod extends KubeObject {
  status?: { phase?: string; conditions?: PodCondition[] }
}

interface Request {
  readonly pods: ResourceRegistry
  readonly budgets: ResourceRegistry
  readonly namespace: string
  readonly name: string
  readonly options: DeleteOptions
  readonly write: WriteContext
}

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' }
/** How often a pod that keeps changing is looked at again. */
const MAX_ATTEMPTS = 20
const TOO_MANY_BUDGETS =
  'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'

export function evictHandler(registries: Registries): Handler {
  return async (context) => {
    const { name, namespace } = context.info
    const pods = registries.find('', 'pods')
    const budgets = registries.find('policy', 'poddisruptionbudgets')
    const schema = schemaOfKind(EVICTION)
    if (pods === undefined || budgets === undefined || schema === undefined)
      throw new Error('pods cannot be evicted without their registry and that of budgets')
    const options = parseWriteOptions(context.query, 'CreateOptions')
    const eviction = (await readObject(context, schema, options.fieldValidation)) as Eviction // The schema's kind.
    ensureNamespace(eviction.metadata, namespace)
    if (eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
    refuseUnsafe(eviction, name)
    const asked = checkedDeleteOptions(eviction.deleteOptions ?? {})
    const dryRun = asked.dryRun || options.dryRun
    const write = untrackedContext(context, dryRun, 'eviction')
    await evict({ pods, budgets, namespace, name, options: { ...asked, dryRun }, write })
    respondStatus(context, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
  }
}

function refuseUnsafe({ deleteOptions }: Eviction, name: string): void {
  const field = 'ignoreStoreReadErrorWithClusterBreakingPotential'
  if (deleteOptions?.[field] !== true) return
  const detail = 'can not be set for pod eviction, try after removing the option'
  throw invalid(EVICTION, name, [fieldInvalid(`deleteOptions.${field}`, true, detail)])
}

async function evict(request: Request): Promise<void> {
  const { options } = request
  const namesVersion = options.preconditions?.resourceVersion !== undefined
  for (let attempt = 1; ; attempt++) {
    const pod = (await request.pods.get(request.namespace, request.name)).object as Pod // The registry holds pods.
    if (!endsAnyhow(pod)) return evictRunning(request, pod)
    try {
      return await remove(request, pod, isPending(pod) ? asItIs(options, pod) : options)
    } catch (error) {
      if (namesVersion || attempt === MAX_ATTEMPTS || !isConflict(error)) throw error
    }
  }
}

async function evictRunning(request: Request, pod: Pod): Promise<void> {
  const { options } = request
  const [budget, another] = await budgetsOf(request.budgets, pod)
  if (budget === undefined) return remove(request, pod, options)
  if (another !== undefined) throw new StatusError(500, '', TOO_MANY_BUDGETS)
  const budgetName = budget.metadata.name ?? ''
  if (!isReady(pod) && allowsUnready(budget)) {
    try {
      return await remove(request, pod, asItIs(options, pod))
    } catch (error) {
      // The pod may be ready by now: the budget has to be asked then.
      if (isConflict(error) && options.preconditions?.resourceVersion === undefined) throw stillProcessed(budgetName)
      throw error
    }
  }
  const spend = (current: KubeObject): KubeObject => spent(current, request.name, new Date())
  const own = { ...SYSTEM_WRITE, dryRun: options.dryRun, signal: request.write.signal, subresource: 'status' }
  await request.budgets.update(request.namespace, budgetName, spend, 'status', own)
  return remove(request, pod, options)
}

/** A pod that does not run, or goes already, disrupts nothing. */
function endsAnyhow({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '')
}

/** It may run by the time it is deleted. */
const isPending = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase === 'Pending'

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true

const isConflict = (error: unknown): boolean => error instanceof StatusError && error.reason === 'Conflict'

function asItIs(options: DeleteOptions, { metadata }: Pod): DeleteOptions {
  const { resourceVersion = metadata.resourceVersion } = options.preconditions ?? {}
  return {
    ...options,
    preconditions: { ...options.preconditions, ...(resourceVersion !== undefined && { resourceVersion }) },
  }
}

/** Marks the pod and deletes it, if it is the one that was looked at. */
async function remove(request: Request, { metadata }: Pod, options: DeleteOptions): Promise<void> {
  const { pods, namespace, name, write } = request
  const { uid = metadata.uid, resourceVersion } = options.preconditions ?? {}
  let preconditions = { ...options.preconditions, ...(uid !== undefined && { uid }) }
  if (!options.dryRun) {
    const mark = (current: KubeObject): KubeObject => marked(current, { uid, resourceVersion })
    const { object } = await pods.update(namespace, name, mark, 'raw', write)
    const next = object.metadata.resourceVersion
    if (resourceVersion !== undefined && next !== undefined) preconditions = { ...preconditions, resourceVersion: next }
  }
  await pods.delete(namespace, name, { ...options, preconditions }, write)
}

/** StatusError 409 when it is not as it must be. */
function marked(
  current: KubeObject,
  { uid, resourceVersion }: NonNullable<DeleteOptions['preconditions']>,
): KubeObject {
  const { status, ...rest } = current as Pod // The registry holds pods.
  const { metadata } = rest
  const refuse = (what: string, asked: string, actual: string | undefined, guess: string): never => {
    const why = `the ${what} in the precondition (${asked}) does not match the ${what} in record (${actual}). The object might have been ${guess}`
    throw conflict({ group: '', resource: 'Pod' }, metadata.name ?? '', why)
  }
  if (uid && uid !== metadata.uid) refuse('UID', uid, metadata.uid, 'deleted and then recreated')
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    refuse('ResourceVersion', resourceVersion, metadata.resourceVersion, 'modified')
  const condition = { type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }
  const conditions = withTrueCondition(status?.conditions ?? [], condition, new Date())
  return { ...rest, status: { ...status, conditions } }
}
