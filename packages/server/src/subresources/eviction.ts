// pods/NAME/eviction: a deletion that asks the pod's disruption budget first (`kubectl drain`).
import { schemaOfKind } from '@keelson/api'
import { type KubeObject, StatusError, badRequest, forbidden, labelSelectorFromObject } from '@keelson/apimachinery'
import type { Handler } from '../context.ts'
import { readObject } from '../handlers/decode-body.ts'
import { type SaidOptions, checkedDeleteOptions } from '../handlers/delete-options.ts'
import { parseWriteOptions, untrackedContext } from '../handlers/write-options.ts'
import { timestamp } from '../registry/deletion-plan.ts'
import type { Registries, ResourceRegistry, WriteContext } from '../registry/types.ts'
import { respondStatus } from '../representation/status.ts'
import { SYSTEM_WRITE } from '../system-write.ts'
import { type PodCondition, withTrueCondition } from './pod-condition.ts'

interface Eviction extends KubeObject {
  deleteOptions?: SaidOptions
}

interface Pod extends KubeObject {
  status?: { phase?: string; conditions?: PodCondition[] }
}

interface DisruptionBudget extends KubeObject {
  spec?: { selector?: object; unhealthyPodEvictionPolicy?: string }
  status?: {
    observedGeneration?: number
    disruptionsAllowed?: number
    currentHealthy?: number
    desiredHealthy?: number
    disruptedPods?: Record<string, string>
    conditions?: object[]
  }
}

const BUDGETS = { group: 'policy', resource: 'poddisruptionbudgets' }
/** Evictions that the disruption controller has not confirmed yet; more than this and none is allowed. */
const MAX_DISRUPTED_PODS = 2000
const RETRY_AFTER_SECONDS = 10

export function evictHandler(registries: Registries): Handler {
  return async (context) => {
    const { name, namespace } = context.info
    const pods = registries.find('', 'pods')
    const schema = schemaOfKind({ group: 'policy', version: 'v1', kind: 'Eviction' })
    if (pods === undefined || schema === undefined) throw new Error('pods cannot be evicted without their registry')
    const options = parseWriteOptions(context.query, 'CreateOptions')
    const eviction = (await readObject(context, schema, options.fieldValidation)) as Eviction // The schema's kind.
    if (eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
    const asked = checkedDeleteOptions(eviction.deleteOptions ?? {})
    const dryRun = asked.dryRun || options.dryRun
    const write = untrackedContext(context, dryRun, 'eviction')

    const pod = (await pods.get(namespace, name)).object as Pod // The registry holds pods.
    if (!endsAnyhow(pod)) await askBudget(registries, pod, write)
    if (!dryRun) await markAsDisrupted(pods, pod, write)
    await pods.delete(namespace, name, { ...asked, dryRun }, write)
    respondStatus(context, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
  }
}

/** A pod that does not run, or goes already, disrupts nothing. */
function endsAnyhow({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '')
}

async function askBudget(registries: Registries, pod: Pod, write: WriteContext): Promise<void> {
  const registry = registries.find(BUDGETS.group, BUDGETS.resource)
  const { namespace = '', name = '' } = pod.metadata
  const budgets = registries.reader.list(BUDGETS.group, BUDGETS.resource, namespace) as DisruptionBudget[] // Of this kind.
  const [budget, another] = budgets.filter((candidate) => covers(candidate, pod))
  if (registry === undefined || budget === undefined) return
  if (another !== undefined) {
    throw new StatusError(
      500,
      '',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  }
  if (!isReady(pod) && allowsUnready(budget)) return
  const spend = (current: KubeObject): KubeObject => spent(current, name, new Date())
  const own = { ...SYSTEM_WRITE, dryRun: write.dryRun, signal: write.signal, subresource: 'status' }
  await registry.update(namespace, budget.metadata.name ?? '', spend, 'status', own)
}

function covers({ spec }: DisruptionBudget, { metadata }: Pod): boolean {
  return spec?.selector !== undefined && labelSelectorFromObject(spec.selector).matches(metadata.labels)
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true

/** A pod that does not work is not what the budget protects, while enough others do. */
function allowsUnready({ spec, status }: DisruptionBudget): boolean {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0)
}

/** The budget with one disruption less. StatusError 429 when it has none. */
function spent(current: KubeObject, podName: string, now: Date): KubeObject {
  const budget = current as DisruptionBudget // The registry holds budgets.
  const { metadata, status = {} } = budget
  const { disruptionsAllowed = 0, disruptedPods = {}, conditions = [] } = status
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw refused(`The disruption budget ${metadata.name} is still being processed by the server.`, RETRY_AFTER_SECONDS)
  }
  if (disruptionsAllowed < 0) throw forbidden(BUDGETS, metadata.name ?? '', 'pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw forbidden(BUDGETS, metadata.name ?? '', why)
  }
  if (disruptionsAllowed === 0) {
    const { desiredHealthy = 0, currentHealthy = 0 } = status
    throw refused(
      `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    )
  }
  const left = disruptionsAllowed - 1
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [podName]: timestamp(now.getTime()) },
      ...(left === 0 && {
        conditions: [...conditions.filter((item) => !isAllowance(item)), exhausted(metadata.generation, now)],
      }),
    },
  }
}

const isAllowance = (condition: object): boolean => 'type' in condition && condition.type === 'DisruptionAllowed'

const exhausted = (generation: number | undefined, now: Date): object => ({
  type: 'DisruptionAllowed',
  status: 'False',
  ...(generation !== undefined && { observedGeneration: generation }),
  lastTransitionTime: timestamp(now.getTime()),
  reason: 'InsufficientPods',
  message: '',
})

const refused = (message: string, retryAfterSeconds?: number): StatusError =>
  new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })

async function markAsDisrupted(pods: ResourceRegistry, { metadata }: Pod, write: WriteContext): Promise<void> {
  const condition = { type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }
  const marked = (current: KubeObject): KubeObject => {
    const { status, ...rest } = current as Pod // The registry holds pods.
    return {
      ...rest,
      status: { ...status, conditions: withTrueCondition(status?.conditions ?? [], condition, new Date()) },
    }
  }
  await pods.update(metadata.namespace ?? '', metadata.name ?? '', marked, 'raw', write, metadata.uid)
}
