// What may change through a pod's resize (KEP-1287): how much cpu and memory its containers, and the pod itself, ask for and may
// have. Its quality of service stays, and nothing that was asked for is taken away.
import { type FieldError, type FieldPath, fieldForbidden, fieldInvalid, rootPath } from '@keelson/apimachinery'
import { qualityOfService } from '../kinds/core/pod-status.ts'
import type { Container, Pod, PodSpec, ResourceList, ResourceRequirements } from '../kinds/core/pod-types.ts'
import { semanticallyEqual } from './field-checks.ts'
import { MIRROR_ANNOTATION } from './pod-ephemeral-containers.ts'
import { validatePod } from './pod.ts'

const specPath = rootPath.child('spec')
const RESIZABLE: readonly string[] = ['cpu', 'memory']
const LISTS = ['containers', 'initContainers'] as const

export function validatePodResize(next: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined)
    return [fieldForbidden('', 'static pods cannot be resized')]
  if (old.spec.os?.name === 'windows') return [fieldForbidden('', 'windows pods cannot be resized')]
  const errors = validatePod(next)
  const oldClass = old.status?.qosClass || qualityOfService(old)
  if (oldClass !== qualityOfService(next)) {
    const detail = 'Pod QOS Class may not change as a result of resizing'
    errors.push(fieldInvalid(specPath, next.status?.qosClass ?? '', detail))
  }
  if (!isSupportedByNode(old)) errors.push(fieldForbidden(specPath, 'Pod running on node without support for resize'))
  const comparable: PodSpec = { ...next.spec }
  if (hasResources(old.spec) || hasResources(next.spec)) checkPodLevel(errors, comparable, next.spec, old.spec)
  if ((old.status?.nodeAllocatableResourceClaimStatuses ?? []).length > 0)
    errors.push(fieldForbidden(specPath, 'pods with node allocatable resource claims cannot be resized'))
  if (!checkOrder(errors, next.spec, old.spec)) return errors
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, { resources: before }] of (old.spec[list] ?? []).entries()) {
      const path = specPath.child(list).index(index).child('resources')
      checkNothingRemoved(errors, next.spec[list]?.[index]?.resources, before, path, 'resource')
    }
  }
  for (const list of LISTS) comparable[list] = comparableContainers(errors, list, next.spec, old.spec)
  if (errors.length === 0 && !semanticallyEqual(comparable, old.spec))
    errors.push(fieldForbidden(specPath, 'only cpu and memory resources are mutable'))
  return errors
}

const hasResources = ({ resources }: PodSpec): boolean =>
  Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0

/** Nodes that can resize say what their containers have. A pod of which nothing runs may meet such a node yet. */
function isSupportedByNode({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running !== undefined)
  return running === undefined || running.resources !== undefined
}

/** Both lists have the containers that they had, in that order. */
function checkOrder(errors: FieldError[], next: PodSpec, old: PodSpec): boolean {
  const found = errors.length
  for (const list of LISTS) {
    const path = specPath.child(list)
    const before = old[list] ?? []
    if ((next[list] ?? []).length !== before.length) {
      errors.push(fieldForbidden(path, `${list} may not be added or removed on resize`))
      continue
    }
    for (const [index, { name }] of before.entries()) {
      if (next[list]?.[index]?.name !== name)
        errors.push(
          fieldForbidden(path.index(index).child('name'), `${list} may not be renamed or reordered on resize`),
        )
    }
  }
  return errors.length === found
}

function checkNothingRemoved(
  errors: FieldError[],
  next: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
  path: FieldPath,
  what: string,
): void {
  for (const list of ['requests', 'limits'] as const) {
    if (Object.keys(old?.[list] ?? {}).some((name) => next?.[list]?.[name] === undefined))
      errors.push(fieldForbidden(path.child(list), `${what} ${list} cannot be removed`))
  }
}

/** `comparable` gets what it had of cpu and memory. */
function checkPodLevel(errors: FieldError[], comparable: PodSpec, next: PodSpec, old: PodSpec): void {
  const path = specPath.child('resources')
  if (old.resources !== undefined && next.resources === undefined) {
    errors.push(fieldForbidden(path, 'pod-level resources cannot be removed'))
    return
  }
  if (old.resources !== undefined)
    checkNothingRemoved(errors, next.resources, old.resources, path, 'pod-level resource')
  const resources = { ...next.resources, ...withOldAmounts(next.resources, old.resources) }
  if (old.resources === undefined && !hasResources({ resources }) && (resources.claims ?? []).length === 0)
    delete comparable.resources
  else comparable.resources = resources
  if (!isSame(comparable.resources, old.resources))
    errors.push(fieldForbidden(specPath, 'only cpu and memory resources are mutable at pod-level'))
}

/** Here empty amounts are none. */
function isSame(left: ResourceRequirements | undefined, right: ResourceRequirements | undefined): boolean {
  const filled = (resources: ResourceRequirements | undefined): unknown =>
    resources && {
      ...resources,
      requests: isEmpty(resources.requests) ? undefined : resources.requests,
      limits: isEmpty(resources.limits) ? undefined : resources.limits,
    }
  return semanticallyEqual(filled(left), filled(right))
}

const isEmpty = (list: ResourceList | undefined): boolean => Object.keys(list ?? {}).length === 0

/** With the cpu and memory that they had; whatever else differs is refused. Upstream forgets claims here. */
function comparableContainers(
  errors: FieldError[],
  list: (typeof LISTS)[number],
  next: PodSpec,
  old: PodSpec,
): Container[] | undefined {
  return next[list]?.map((container, index) => {
    const before = old[list]?.[index] ?? {}
    const comparable = { ...container, resources: withOldAmounts(container.resources, before.resources) }
    const path = specPath.child(list).index(index)
    const isOther =
      !isSame(comparable.resources, before.resources) || !semanticallyEqual(rest(comparable), rest(before))
    if (isOther && list === 'containers')
      errors.push(fieldForbidden(specPath, 'only cpu and memory resources are mutable'))
    if (isOther && list === 'initContainers') {
      const detail = 'only cpu and memory resources for init or sidecar containers are mutable'
      errors.push(fieldForbidden(path, detail))
    }
    if (list === 'initContainers' && container.restartPolicy !== 'Always')
      checkRestarts(errors, container, before, path)
    return isOther ? comparable : before
  })
}

const rest = ({ resources: _resources, ...others }: Container): Container => others

/** What runs once cannot be restarted to get more. */
function checkRestarts(errors: FieldError[], container: Container, old: Container, path: FieldPath): void {
  if (semanticallyEqual(container, old)) return
  for (const { restartPolicy } of container.resizePolicy ?? []) {
    if (restartPolicy !== 'RestartContainer') continue
    const detail = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'
    errors.push(fieldForbidden(path, detail))
  }
}

function withOldAmounts(
  next: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
): ResourceRequirements {
  const amounts = (list: 'requests' | 'limits'): ResourceList => {
    const isKept = ([name]: [string, string]): boolean => !RESIZABLE.includes(name)
    const isOld = ([name]: [string, string]): boolean => RESIZABLE.includes(name)
    return Object.fromEntries([
      ...Object.entries(next?.[list] ?? {}).filter(isKept),
      ...Object.entries(old?.[list] ?? {}).filter(isOld),
    ])
  }
  return { requests: amounts('requests'), limits: amounts('limits') }
}
