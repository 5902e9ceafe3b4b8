// A Pod's line in `kubectl get`: how many containers are ready, the word that tells its state best, restarts and their age.
import type { RowCondition } from '../../resource.ts'
import type { JsonValue } from '@keelson/apimachinery'
import { NONE, age, timeSince } from '../row.ts'
import type { ContainerStatus, Pod } from './pod-types.ts'

interface Summary {
  reason: string
  ready: number
  restarts: number
  lastRestart: string
}

export function podRow(pod: Pod, now: Date): JsonValue[] {
  const { spec, status = {}, metadata } = pod
  const sidecars = new Set(
    (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  )
  const total = (spec.containers ?? []).length + sidecars.size
  const summary: Summary = { reason: status.reason || status.phase || '', ready: 0, restarts: 0, lastRestart: '' }
  if (status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')) {
    summary.reason = 'SchedulingGated'
  }
  const sidecarRestarts: Summary = { ...summary }
  const initializing = summarizeInitContainers(pod, sidecars, summary, sidecarRestarts)
  if (!initializing || isTrue(pod, 'Initialized')) {
    summary.restarts = sidecarRestarts.restarts
    summary.lastRestart = sidecarRestarts.lastRestart
    summarizeContainers(pod, summary)
  }
  if (metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') summary.reason = 'Unknown'
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') summary.reason = 'Terminating'
  }
  const { restarts, lastRestart } = summary
  return [
    metadata.name ?? '',
    `${summary.ready}/${total}`,
    summary.reason,
    restarts !== 0 && lastRestart !== '' ? `${restarts} (${timeSince(lastRestart, now)} ago)` : String(restarts),
    age(pod, now),
    status.podIPs?.[0]?.ip || NONE,
    spec.nodeName || NONE,
    status.nominatedNodeName || NONE,
    readinessGates(pod),
  ]
}

/** True: the pod is still in its init containers, and the reason says where. */
function summarizeInitContainers(
  { spec, status = {} }: Pod,
  sidecars: ReadonlySet<string | undefined>,
  summary: Summary,
  sidecarRestarts: Summary,
): boolean {
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    countRestarts(summary, container)
    const isSidecar = sidecars.has(container.name)
    if (isSidecar) countRestarts(sidecarRestarts, container)
    const { terminated, waiting } = container.state ?? {}
    if (terminated !== undefined && (terminated.exitCode ?? 0) === 0) continue
    if (isSidecar && container.started === true) {
      if (container.ready) summary.ready++
      continue
    }
    if (terminated !== undefined) summary.reason = `Init:${terminationReason(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`
    else summary.reason = `Init:${index}/${(spec.initContainers ?? []).length}`
    return true
  }
  return false
}

function summarizeContainers(pod: Pod, summary: Summary): void {
  let running = false
  let failure = ''
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    countRestarts(summary, container)
    const { terminated, waiting, running: runningState } = container.state ?? {}
    if (waiting?.reason) summary.reason = waiting.reason
    else if (terminated !== undefined) {
      summary.reason = terminationReason(terminated)
      if ((terminated.exitCode ?? 0) !== 0) failure = summary.reason
    } else if (container.ready && runningState !== undefined) {
      running = true
      summary.ready++
    }
  }
  if (summary.reason !== 'Completed') return
  if (running && isTrue(pod, 'Ready')) summary.reason = 'Running'
  else if (failure !== '') summary.reason = failure
  else if (running) summary.reason = 'NotReady'
}

function countRestarts(summary: Summary, { restartCount = 0, lastState }: ContainerStatus): void {
  summary.restarts += restartCount
  const finished = lastState?.terminated?.finishedAt ?? ''
  if (finished > summary.lastRestart) summary.lastRestart = finished
}

const terminationReason = ({
  reason,
  signal,
  exitCode = 0,
}: {
  reason?: string
  signal?: number
  exitCode?: number
}): string => reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)

const isTrue = ({ status }: Pod, condition: string): boolean =>
  status?.conditions?.find(({ type }) => type === condition)?.status === 'True'

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return NONE
  return `${gates.filter(({ conditionType = '' }) => isTrue(pod, conditionType)).length}/${gates.length}`
}

const DONE: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
}

/** Of a pod that will not run again. */
export function podRowConditions({ status }: Pod): RowCondition[] {
  const reason = status?.phase ?? ''
  const message = DONE[reason]
  return message === undefined ? [] : [{ type: 'Completed', status: 'True', reason, message }]
}
