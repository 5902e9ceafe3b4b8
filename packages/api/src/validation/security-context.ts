// Who the processes of a pod are and what they may do.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  inclusiveRangeMessage,
} from '@keelson/apimachinery'
import type { PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from '../kinds/core/pod-types.ts'
import { checkDescendingPath } from './file-paths.ts'
import { checkWindowsOptions } from './windows-options.ts'

const MAX_ID = 2_147_483_647
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']
const MAX_PROFILE_LENGTH = 4095
const MAX_SYSCTL_LENGTH = 253
const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlName = new RegExp(`^${SYSCTL}$`)

export function checkPodSecurity(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const context = spec.securityContext
  if (context === undefined) return
  const at = path.child('securityContext')
  for (const name of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) checkId(errors, context[name], at, name)
  for (const [index, group] of (context.supplementalGroups ?? []).entries()) {
    if (!isId(group))
      errors.push(fieldInvalid(at.child('supplementalGroups').index(index), group, inclusiveRangeMessage(0, MAX_ID)))
  }
  if (spec.shareProcessNamespace && spec.hostPID) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(fieldInvalid(at.child('shareProcessNamespace'), true, detail))
  }
  checkSysctls(errors, context.sysctls ?? [], spec, at.child('sysctls'))
  checkChoice(errors, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], at, 'fsGroupChangePolicy')
  checkSeccomp(errors, context.seccompProfile, at.child('seccompProfile'))
  checkWindowsOptions(errors, context.windowsOptions, at.child('windowsOptions'))
  checkAppArmor(errors, context.appArmorProfile, at.child('appArmorProfile'))
  checkChoice(errors, context.supplementalGroupsPolicy, ['Merge', 'Strict'], at, 'supplementalGroupsPolicy')
  checkChoice(errors, context.seLinuxChangePolicy, ['Recursive'], at, 'seLinuxChangePolicy')
}

export function checkContainerSecurity(
  errors: FieldError[],
  context: SecurityContext | undefined,
  path: FieldPath,
  hostUsers: boolean,
): void {
  if (context === undefined) return
  checkId(errors, context.runAsUser, path, 'runAsUser')
  checkId(errors, context.runAsGroup, path, 'runAsGroup')
  checkChoice(errors, context.procMount, ['Default', 'Unmasked'], path, 'procMount')
  if (hostUsers && context.procMount === 'Unmasked') {
    errors.push(fieldInvalid(path.child('procMount'), context.procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  checkSeccomp(errors, context.seccompProfile, path.child('seccompProfile'))
  if (context.allowPrivilegeEscalation === false) {
    const refuse = (what: string): void =>
      void errors.push(
        fieldInvalid(path, internalForm(context), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`),
      )
    if (context.privileged === true) refuse('`privileged` to true')
    for (const capability of context.capabilities?.add ?? []) {
      if (capability === 'CAP_SYS_ADMIN') refuse('`capabilities.Add` CAP_SYS_ADMIN')
    }
  }
  checkWindowsOptions(errors, context.windowsOptions, path.child('windowsOptions'))
  checkAppArmor(errors, context.appArmorProfile, path.child('appArmorProfile'))
}

const isId = (id: number): boolean => id >= 0 && id <= MAX_ID

function checkId(errors: FieldError[], id: number | undefined, path: FieldPath, name: string): void {
  if (id !== undefined && !isId(id)) errors.push(fieldInvalid(path.child(name), id, inclusiveRangeMessage(0, MAX_ID)))
}

function checkChoice(
  errors: FieldError[],
  value: string | undefined,
  valid: readonly string[],
  path: FieldPath,
  name: string,
): void {
  if (value !== undefined && !valid.includes(value)) errors.push(fieldNotSupported(path.child(name), value, valid))
}

function checkSysctls(
  errors: FieldError[],
  sysctls: readonly { name?: string }[],
  { hostNetwork, hostIPC }: PodSpec,
  path: FieldPath,
): void {
  const seen = new Set<string>()
  for (const [index, { name = '' }] of sysctls.entries()) {
    const at = path.index(index).child('name')
    if (name === '') errors.push(fieldRequired(at, ''))
    else if (name.length > MAX_SYSCTL_LENGTH || !sysctlName.test(name)) {
      errors.push(
        fieldInvalid(at, name, `must have at most ${MAX_SYSCTL_LENGTH} characters and match regex ^${SYSCTL}$`),
      )
    } else if (seen.has(name)) errors.push(fieldDuplicate(at, name))
    const dotted = name.replaceAll('/', '.')
    if (hostNetwork && dotted.startsWith('net.'))
      errors.push(fieldInvalid(at, name, "may not be specified when 'hostNetwork' is true"))
    if (hostIPC && /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(dotted)) {
      errors.push(fieldInvalid(at, name, "may not be specified when 'hostIPC' is true"))
    }
    seen.add(name)
  }
}

function checkSeccomp(errors: FieldError[], profile: SeccompProfile | undefined, path: FieldPath): void {
  if (profile === undefined) return
  const { type, localhostProfile } = profile
  const at = path.child('localhostProfile')
  if (!type) errors.push(fieldRequired(path.child('type'), 'type is required when seccompProfile is set'))
  else if (!PROFILE_TYPES.includes(type)) errors.push(fieldNotSupported(path.child('type'), type, PROFILE_TYPES))
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return
    const value = { Type: type ?? '', LocalhostProfile: localhostProfile }
    errors.push(fieldInvalid(at, value, 'can only be set when seccomp type is Localhost'))
  } else if (localhostProfile === undefined)
    errors.push(fieldRequired(at, 'must be set when seccomp type is Localhost'))
  else checkDescendingPath(errors, localhostProfile, at)
}

function checkAppArmor(errors: FieldError[], profile: SeccompProfile | undefined, path: FieldPath): void {
  if (profile === undefined) return
  const { type, localhostProfile } = profile
  const at = path.child('localhostProfile')
  const missing = 'must be set when AppArmor type is Localhost'
  if (!type) errors.push(fieldRequired(path.child('type'), 'type is required when appArmorProfile is set'))
  else if (!PROFILE_TYPES.includes(type)) errors.push(fieldNotSupported(path.child('type'), type, PROFILE_TYPES))
  else if (type !== 'Localhost') {
    if (localhostProfile !== undefined) {
      errors.push(fieldInvalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost'))
    }
  } else if (localhostProfile === undefined) errors.push(fieldRequired(at, missing))
  else {
    if (localhostProfile.trim() !== localhostProfile) {
      errors.push(fieldInvalid(at, localhostProfile, 'must not be padded with whitespace'))
    } else if (localhostProfile === '') errors.push(fieldRequired(at, missing))
    if (localhostProfile.length > MAX_PROFILE_LENGTH) errors.push(fieldTooLong(at, MAX_PROFILE_LENGTH))
  }
}

/** Upstream shows the whole context in the names of its own types, absent fields as null. */
function internalForm(context: SecurityContext): Record<string, unknown> {
  const { capabilities, seccompProfile, appArmorProfile } = context
  const profile = (item: SeccompProfile | undefined): unknown =>
    item === undefined ? null : { Type: item.type ?? '', LocalhostProfile: item.localhostProfile ?? null }
  return {
    Capabilities:
      capabilities === undefined ? null : { Add: capabilities.add ?? null, Drop: capabilities.drop ?? null },
    Privileged: context.privileged ?? null,
    SELinuxOptions: context.seLinuxOptions ?? null,
    WindowsOptions: context.windowsOptions ?? null,
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: profile(seccompProfile),
    AppArmorProfile: profile(appArmorProfile),
  }
}

/** Fields that only make sense on the other operating system. */
export function checkOperatingSystem(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const { os } = spec
  if (os === undefined) return
  if (!os.name) return void errors.push(fieldRequired(path.child('os', 'name'), ''))
  if (os.name !== 'linux' && os.name !== 'windows') {
    return void errors.push(fieldNotSupported(path.child('os'), os.name, ['linux', 'windows']))
  }
  const context: PodSecurityContext = spec.securityContext ?? {}
  const refuse = (at: FieldPath): void =>
    void errors.push(fieldForbidden(at, WRONG_SYSTEM[os.name === 'linux' ? 'linux' : 'windows']))
  const at = path.child('securityContext')
  if (os.name === 'linux') {
    if (context.windowsOptions !== undefined) refuse(at.child('windowsOptions'))
  } else {
    for (const name of ['appArmorProfile', 'seLinuxOptions'] as const)
      if (context[name] !== undefined) refuse(at.child(name))
    if (spec.hostUsers !== undefined) refuse(path.child('hostUsers'))
    if (spec.hostPID) refuse(path.child('hostPID'))
    if (spec.hostIPC) refuse(path.child('hostIPC'))
    for (const name of ['seccompProfile', 'fsGroup', 'fsGroupChangePolicy'] as const)
      if (context[name] !== undefined) refuse(at.child(name))
    if ((context.sysctls ?? []).length > 0) refuse(at.child('sysctls'))
    if (spec.shareProcessNamespace !== undefined) refuse(path.child('shareProcessNamespace'))
    for (const name of LINUX_POD_FIELDS) if (context[name] !== undefined) refuse(at.child(name))
  }
  const fields: readonly (keyof SecurityContext)[] = os.name === 'linux' ? ['windowsOptions'] : LINUX_CONTAINER_FIELDS
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { securityContext = {} }] of (spec[list] ?? []).entries()) {
      for (const name of fields) {
        if (securityContext[name] !== undefined) refuse(path.child(list).index(index).child('securityContext', name))
      }
    }
  }
}

const WRONG_SYSTEM = {
  linux: 'windows options cannot be set for a linux pod',
  windows: 'cannot be set for a windows pod',
}
const LINUX_POD_FIELDS = [
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const
const LINUX_CONTAINER_FIELDS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const
