// The containers of a pod: what all of them must say, and what only regular, init or ephemeral ones may.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldNotSupported,
  fieldRequired,
  fieldTooMany,
  isDNS1123Label,
} from '@keelson/apimachinery'
import type { Container, EphemeralContainer, PodSpec, Volume } from '../kinds/core/pod-types.ts'
import { checkEnvironment } from './environment.ts'
import { type HandlerContext, checkProbesAndLifecycle } from './handlers.ts'
import { checkMounts } from './mounts.ts'
import { checkContainerPorts, checkHostPortConflicts } from './ports.ts'
import { checkContainerResourceName, checkResources } from './resources.ts'
import { checkContainerSecurity } from './security-context.ts'
import { PULL_POLICIES } from './volumes.ts'

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']
const NOT_FOR_INIT = 'may not be set for init containers without restartPolicy=Always'
const NOT_FOR_EPHEMERAL = 'cannot be set for an Ephemeral Container'
const NO_RULES: NonNullable<Container['restartPolicyRules']> = []
const MAX_RESTART_RULES = 20
const MAX_EXIT_CODES = 255

interface ContainerContext extends HandlerContext {
  readonly volumes: ReadonlyMap<string, Volume>
  readonly claimNames: readonly string[]
  readonly hostUsers: boolean
  readonly restartPolicy: string
}

export function checkAllContainers(
  errors: FieldError[],
  spec: PodSpec,
  volumes: ReadonlyMap<string, Volume>,
  claimNames: readonly string[],
  path: FieldPath,
): void {
  const context: ContainerContext = {
    volumes,
    claimNames,
    hostUsers: spec.hostUsers ?? true,
    restartPolicy: spec.restartPolicy ?? '',
    gracePeriod: spec.terminationGracePeriodSeconds,
    operatingSystem: spec.os?.name,
  }
  const { initContainers = [], ephemeralContainers = [] } = spec
  // A list that the API always shows is null where there is none.
  const containers = spec.containers ?? []
  checkContainers(errors, containers, path.child('containers'), context)
  if (initContainers.length > 0)
    checkInitContainers(errors, initContainers, containers, path.child('initContainers'), context)
  if (ephemeralContainers.length > 0) {
    const others = [...containers, ...initContainers].map(({ name = '' }) => name)
    checkEphemeralContainers(errors, ephemeralContainers, others, path.child('ephemeralContainers'), context)
  }
}

function checkContainers(
  errors: FieldError[],
  containers: readonly Container[],
  path: FieldPath,
  context: ContainerContext,
): void {
  if (containers.length === 0) return void errors.push(fieldRequired(path, ''))
  const names = new Set<string>()
  containers.forEach((container, index) => {
    const at = path.index(index)
    checkContainer(errors, container, at, context)
    const name = container.name ?? ''
    if (names.has(name)) errors.push(fieldDuplicate(at.child('name'), name))
    names.add(name)
    checkProbesAndLifecycle(errors, container, at, context)
    checkRestartPolicy(errors, container, at)
  })
  checkHostPortConflicts(errors, containers, path)
}

function checkInitContainers(
  errors: FieldError[],
  containers: readonly Container[],
  regular: readonly Container[],
  path: FieldPath,
  context: ContainerContext,
): void {
  const names = new Set(regular.map(({ name = '' }) => name))
  for (const [index, container] of containers.entries()) {
    const at = path.index(index)
    checkContainer(errors, container, at, context)
    checkRestartPolicy(errors, container, at)
    const name = container.name ?? ''
    if (names.has(name)) errors.push(fieldDuplicate(at.child('name'), name))
    if (name !== '') names.add(name)
    // Init containers run one by one: each is looked at alone (and upstream's path names the first).
    checkHostPortConflicts(errors, [container], path)
    if (container.restartPolicy === 'Always') {
      checkProbesAndLifecycle(errors, container, at, context)
      continue
    }
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[field] !== undefined) errors.push(fieldForbidden(at.child(field), NOT_FOR_INIT))
    }
    for (const [policyIndex, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
      if (restartPolicy !== 'RestartContainer') continue
      const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
      errors.push(
        fieldInvalid(at.child('resizePolicy').index(policyIndex).child('restartPolicy'), restartPolicy, detail),
      )
    }
  }
}

const EPHEMERAL_REFUSED = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

function checkEphemeralContainers(
  errors: FieldError[],
  containers: readonly EphemeralContainer[],
  others: readonly string[],
  path: FieldPath,
  context: ContainerContext,
): void {
  const names = new Set(others)
  for (const [index, container] of containers.entries()) {
    const at = path.index(index)
    checkContainer(errors, container, at, context)
    checkImageText(errors, container, at)
    const name = container.name ?? ''
    if (names.has(name)) errors.push(fieldDuplicate(at.child('name'), name))
    names.add(name)
    const target = container.targetContainerName
    if (target && !others.includes(target)) errors.push(fieldNotFound(at.child('targetContainerName'), target))
    for (const field of EPHEMERAL_REFUSED) {
      const value = container[field]
      const isSet = value !== undefined && (field !== 'resources' || Object.keys(value).length > 0)
      if (isSet) errors.push(fieldForbidden(at.child(field), NOT_FOR_EPHEMERAL))
    }
    for (const [mountIndex, mount] of (container.volumeMounts ?? []).entries()) {
      for (const field of ['subPath', 'subPathExpr'] as const) {
        if (mount[field])
          errors.push(fieldForbidden(at.child('volumeMounts').index(mountIndex).child(field), NOT_FOR_EPHEMERAL))
      }
    }
  }
}

function checkContainer(errors: FieldError[], container: Container, path: FieldPath, context: ContainerContext): void {
  const { name, image, terminationMessagePolicy, imagePullPolicy } = container
  if (!name) errors.push(fieldRequired(path.child('name'), ''))
  else for (const message of isDNS1123Label(name)) errors.push(fieldInvalid(path.child('name'), name, message))
  if (!image) errors.push(fieldRequired(path.child('image'), ''))
  if (terminationMessagePolicy !== 'File') {
    checkChoice(errors, terminationMessagePolicy, MESSAGE_POLICIES, path, 'terminationMessagePolicy')
  }
  if (container.ports !== undefined) checkContainerPorts(errors, container.ports, path.child('ports'))
  checkEnvironment(errors, container, path)
  checkMounts(errors, container, context.volumes, path)
  checkChoice(errors, imagePullPolicy, PULL_POLICIES, path, 'imagePullPolicy')
  checkResources(errors, container.resources, path.child('resources'), checkContainerResourceName, context.claimNames)
  if (container.resizePolicy !== undefined)
    checkResizePolicies(errors, container.resizePolicy, path.child('resizePolicy'), context.restartPolicy)
  if (container.securityContext !== undefined) {
    checkContainerSecurity(errors, container.securityContext, path.child('securityContext'), context.hostUsers)
  }
}

function checkChoice(
  errors: FieldError[],
  value: string | undefined,
  valid: readonly string[],
  path: FieldPath,
  name: string,
): void {
  if (!value) errors.push(fieldRequired(path.child(name), ''))
  else if (!valid.includes(value)) errors.push(fieldNotSupported(path.child(name), value, valid))
}

function checkResizePolicies(
  errors: FieldError[],
  policies: readonly { resourceName?: string; restartPolicy?: string }[],
  path: FieldPath,
  podRestartPolicy: string,
): void {
  const seen = new Set<string>()
  for (const [index, { resourceName = '', restartPolicy = '' }] of policies.entries()) {
    if (seen.has(resourceName)) errors.push(fieldDuplicate(path.index(index), resourceName))
    seen.add(resourceName)
    if (resourceName === '') errors.push(fieldRequired(path, ''))
    else if (!['cpu', 'memory'].includes(resourceName))
      errors.push(fieldNotSupported(path, resourceName, ['cpu', 'memory']))
    if (restartPolicy === '') errors.push(fieldRequired(path, ''))
    else if (!['NotRequired', 'RestartContainer'].includes(restartPolicy)) {
      errors.push(fieldNotSupported(path, restartPolicy, ['NotRequired', 'RestartContainer']))
    }
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      errors.push(fieldInvalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
    }
  }
}

function checkRestartPolicy(
  errors: FieldError[],
  { restartPolicy, restartPolicyRules = NO_RULES }: Container,
  path: FieldPath,
): void {
  if (restartPolicy === undefined && restartPolicyRules.length === 0) return
  if (restartPolicy === undefined) {
    errors.push(fieldRequired(path.child('restartPolicy'), 'must specify restartPolicy when restart rules are used'))
  } else if (!RESTART_POLICIES.includes(restartPolicy)) {
    errors.push(fieldNotSupported(path.child('restartPolicy'), restartPolicy, RESTART_POLICIES))
  }
  const rulesPath = path.child('restartPolicyRules')
  if (restartPolicyRules.length > MAX_RESTART_RULES) {
    errors.push(fieldTooMany(rulesPath, restartPolicyRules.length, MAX_RESTART_RULES))
  }
  for (const [index, { action = '', exitCodes }] of restartPolicyRules.entries()) {
    const at = rulesPath.index(index)
    if (!['Restart', 'RestartAllContainers'].includes(action)) {
      errors.push(fieldNotSupported(at.child('action'), action, ['Restart', 'RestartAllContainers']))
    }
    if (exitCodes === undefined) {
      errors.push(fieldRequired(at.child('exitCodes'), 'must be specified'))
      continue
    }
    const { operator = '', values = [] } = exitCodes
    if (!['In', 'NotIn'].includes(operator))
      errors.push(fieldNotSupported(at.child('exitCodes', 'operator'), operator, ['In', 'NotIn']))
    if (values.length > MAX_EXIT_CODES)
      errors.push(fieldTooMany(at.child('exitCodes', 'values'), values.length, MAX_EXIT_CODES))
  }
}

/** Templates may have it, pods may not. */
export function checkImageText(errors: FieldError[], { image = '' }: Container, path: FieldPath): void {
  if (image.trim() === image) return
  errors.push(fieldInvalid(path.child('image'), image, 'must not have leading or trailing whitespace'))
}
