// Annotations that mean something to pods: mirror pods, deletion costs, and the security profiles of times before there were
// fields for them.
import { type FieldError, type FieldPath, fieldForbidden, fieldInvalid, goQuote } from '@keelson/apimachinery'
import type { PodSpec, SeccompProfile } from '../kinds/core/pod-types.ts'
import { checkDescendingPath } from './file-paths.ts'

type Annotations = Readonly<Record<string, string>>

const MIRROR = 'kubernetes.io/config.mirror'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
const APPARMOR_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/'
const MAX_INT32 = 2_147_483_647
const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const

export function checkPodAnnotations(
  errors: FieldError[],
  annotations: Annotations | undefined,
  spec: PodSpec,
  path: FieldPath,
): void {
  if (annotations === undefined) return
  if (annotations[MIRROR] !== undefined && !spec.nodeName) {
    errors.push(
      fieldInvalid(path.key(MIRROR), annotations[MIRROR], 'must set spec.nodeName if mirror pod annotation is set'),
    )
  }
  const cost = annotations[DELETION_COST]
  if (cost !== undefined && !isInt32(cost))
    errors.push(fieldInvalid(path.key(DELETION_COST), cost, 'must be a 32bit integer'))
  for (const key in annotations) {
    const value = annotations[key] ?? ''
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) checkSeccompText(errors, value, path.child(key))
    if (key.startsWith(APPARMOR_CONTAINER)) checkAppArmorText(errors, key, value, spec, path)
  }
}

function isInt32(text: string): boolean {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return false
  const value = Number(text)
  return value >= -MAX_INT32 - 1 && value <= MAX_INT32
}

function checkSeccompText(errors: FieldError[], profile: string, path: FieldPath): void {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return
  if (profile.startsWith('localhost/')) checkDescendingPath(errors, profile.slice('localhost/'.length), path)
  else errors.push(fieldInvalid(path, profile, 'must be a valid seccomp profile'))
}

function checkAppArmorText(errors: FieldError[], key: string, profile: string, spec: PodSpec, path: FieldPath): void {
  const name = key.slice(APPARMOR_CONTAINER.length)
  if (!LISTS.some((list) => spec[list]?.some((container) => container.name === name))) {
    errors.push(fieldInvalid(path.key(key), name, 'container not found'))
  }
  if (['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/')) return
  errors.push(fieldInvalid(path.key(key), profile, `invalid AppArmor profile name: ${goQuote(profile)}`))
}

/** Where both the annotation and the field are there, they say the same. */
export function checkProfilesMatch(
  errors: FieldError[],
  annotations: Annotations | undefined,
  spec: PodSpec,
  path: FieldPath,
): void {
  if (annotations === undefined || !hasProfiles(annotations)) return
  const podProfile = spec.securityContext?.seccompProfile
  checkMatch(errors, annotations[SECCOMP_POD], podProfile, path.child('securityContext', 'seccompProfile'), 'seccomp')
  for (const kind of ['seccomp', 'apparmor'] as const) {
    if (kind === 'apparmor' && spec.os?.name === 'windows') continue
    for (const list of LISTS) {
      for (const [index, { name, securityContext }] of (spec[list] ?? []).entries()) {
        const at = path.child(list).index(index).child('securityContext')
        if (kind === 'seccomp') {
          const annotation = annotations[SECCOMP_CONTAINER + name]
          checkMatch(errors, annotation, securityContext?.seccompProfile, at.child('seccompProfile'), kind)
        } else {
          const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile
          checkMatch(errors, annotations[APPARMOR_CONTAINER + name], profile, at.child('appArmorProfile'), kind)
        }
      }
    }
  }
}

function hasProfiles(annotations: Annotations): boolean {
  for (const key in annotations) {
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER) || key.startsWith(APPARMOR_CONTAINER)) return true
  }
  return false
}

function checkMatch(
  errors: FieldError[],
  annotation: string | undefined,
  profile: SeccompProfile | undefined,
  path: FieldPath,
  kind: 'seccomp' | 'apparmor',
): void {
  if (annotation === undefined || profile === undefined) return
  const refuse = (field: string, what: string): void =>
    void errors.push(fieldForbidden(path.child(field), `${kind} ${what} in annotation and field must match`))
  const isDefault = annotation === 'runtime/default' || (kind === 'seccomp' && annotation === 'docker/default')
  if (profile.type === 'Unconfined' && annotation !== 'unconfined') refuse('type', 'type')
  if (profile.type === 'RuntimeDefault' && !isDefault) refuse('type', 'type')
  if (profile.type !== 'Localhost') return
  if (!annotation.startsWith('localhost/')) refuse('type', 'type')
  else if (annotation.slice('localhost/'.length) !== profile.localhostProfile) refuse('localhostProfile', 'profile')
}

export function checkPodAnnotationUpdates(
  errors: FieldError[],
  next: Annotations | undefined,
  old: Annotations | undefined,
  path: FieldPath,
): void {
  for (const [key, value] of Object.entries(old ?? {})) {
    if (next?.[key] === value) continue
    if (key.startsWith(APPARMOR_CONTAINER))
      errors.push(fieldForbidden(path.key(key), 'may not remove or update AppArmor annotations'))
    if (key === MIRROR) errors.push(fieldForbidden(path.key(key), 'may not remove or update mirror pod annotation'))
  }
  for (const key in next) {
    if (old?.[key] !== undefined) continue
    if (key.startsWith(APPARMOR_CONTAINER))
      errors.push(fieldForbidden(path.key(key), 'may not add AppArmor annotations'))
    if (key === MIRROR) errors.push(fieldForbidden(path.key(key), 'may not add mirror pod annotation'))
  }
}
