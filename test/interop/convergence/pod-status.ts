// What a kubelet says of a Pod. What its container does is told by annotations of the Pod:
//   simulated/exit-code      ends with this code after simulated/seconds (default 2); without it the container runs on
//   simulated/fail-indexes   of an indexed Job: these indexes end with code 1
// An image that begins with `bad/` cannot be pulled.
import type { KubeObject } from '@keelson/apimachinery'

interface Container {
  readonly name: string
  readonly image: string
}

interface PodStatus {
  readonly phase?: string
  readonly startTime?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: object } }[]
}

const INDEX = 'batch.kubernetes.io/job-completion-index'

export const nodeOf = ({ spec }: KubeObject): string => (spec as { nodeName?: string }).nodeName ?? '' // A Pod's spec.

const statusOf = ({ status }: KubeObject): PodStatus => (status ?? {}) as PodStatus // A Pod's status.

/** Undefined while it has not ended. */
export function outcomeOf(pod: KubeObject): 'Succeeded' | 'Failed' | undefined {
  const { phase } = statusOf(pod)
  return phase === 'Succeeded' || phase === 'Failed' ? phase : undefined
}

export function saysReady(pod: KubeObject): boolean {
  return statusOf(pod).conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}

/** A status is said once: a container that waits for its image goes on waiting. */
export function saysTheSame(pod: KubeObject, status: { readonly phase?: string }): boolean {
  if (status.phase !== 'Pending') return false
  return statusOf(pod).containerStatuses?.some(({ state }) => state?.waiting !== undefined) ?? false
}

export interface Running {
  readonly status: { readonly phase: string }
  /** Undefined: it runs on. */
  readonly endsAfterMs: number | undefined
  readonly exitCode: number
}

export function runningStatus(pod: KubeObject): Running {
  const containers = containersOf(pod)
  const isBad = containers.some(({ image }) => image.startsWith('bad/'))
  const { 'simulated/exit-code': code, 'simulated/seconds': seconds = '2' } = pod.metadata.annotations ?? {}
  const { startTime = now() } = statusOf(pod)
  const state = isBad
    ? { waiting: { reason: 'ErrImagePull', message: 'simulated' } }
    : { running: { startedAt: startTime } }
  const status = {
    phase: isBad ? 'Pending' : 'Running',
    ...placeOf(pod, startTime),
    conditions: conditionsOf(pod, isBad ? 'ContainersNotReady' : undefined),
    containerStatuses: containers.map((container) => ({
      ...imageOf(container),
      ready: !isBad,
      started: !isBad,
      state,
    })),
  }
  const endsAfterMs =
    code === undefined || isBad ? undefined : Date.parse(startTime) + Number(seconds) * 1000 - Date.now()
  return { status, endsAfterMs, exitCode: failsByIndex(pod) ? 1 : Number(code ?? 0) }
}

export function endedStatus(pod: KubeObject, exitCode: number): object {
  const { startTime = now() } = statusOf(pod)
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  const state = { terminated: { exitCode, reason, startedAt: startTime, finishedAt: now() } }
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    ...placeOf(pod, startTime),
    conditions: conditionsOf(pod, exitCode === 0 ? 'PodCompleted' : 'PodFailed'),
    containerStatuses: containersOf(pod).map((container) => ({
      ...imageOf(container),
      ready: false,
      started: false,
      state,
    })),
  }
}

function failsByIndex({ metadata: { annotations = {} } }: KubeObject): boolean {
  const index = annotations[INDEX]
  return index !== undefined && (annotations['simulated/fail-indexes'] ?? '').split(',').includes(index)
}

const containersOf = ({ spec }: KubeObject): readonly Container[] => (spec as { containers: Container[] }).containers // A Pod's spec.

const imageOf = ({ name, image }: Container): object => ({
  name,
  image,
  imageID: `simulated://${image}`,
  containerID: `simulated://${name}`,
  restartCount: 0,
})

/** An address by its uid: none is shared by two Pods as long as few are there. */
function placeOf({ metadata }: KubeObject, startTime: string): object {
  const bytes = (metadata.uid ?? '').replaceAll('-', '').slice(0, 6)
  const podIP = `10.${128 + (Number.parseInt(bytes.slice(0, 2), 16) & 63)}.${Number.parseInt(bytes.slice(2, 4), 16)}.${1 + (Number.parseInt(bytes.slice(4, 6), 16) % 254)}`
  return { startTime, podIP, podIPs: [{ ip: podIP }], hostIP: '192.0.2.1', hostIPs: [{ ip: '192.0.2.1' }] }
}

/** `reason`: why it is not ready. */
function conditionsOf({ metadata }: KubeObject, reason?: string): object[] {
  const lastTransitionTime = now()
  const condition = (type: string, status: string, why?: string): object => ({
    type,
    status,
    ...(why !== undefined && { reason: why }),
    observedGeneration: metadata.generation,
    lastTransitionTime,
  })
  const ready = reason === undefined ? 'True' : 'False'
  return [
    condition('PodReadyToStartContainers', reason === 'PodCompleted' || reason === 'PodFailed' ? 'False' : 'True'),
    condition('Initialized', 'True', reason === 'PodCompleted' ? reason : undefined),
    condition('Ready', ready, reason),
    condition('ContainersReady', ready, reason),
  ]
}

const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z')
