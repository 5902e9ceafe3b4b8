// AppArmor profiles in annotations, from before there was a field for them: copied to the field of their container.
import type { StrategyContext } from '../../resource.ts'
import type { Container, Pod } from './pod-types.ts'

const ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/'
const LOCALHOST = 'localhost/'

interface Profile {
  type: string
  localhostProfile?: string
}

/** In place, on create. The warning goes out even when the pod is refused afterwards. */
export function copyAppArmorAnnotations({ metadata, spec }: Pod, context: StrategyContext): void {
  const { annotations } = metadata
  if (annotations === undefined || spec?.os?.name === 'windows') return
  const ofPod = spec?.securityContext?.appArmorProfile
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])] as Container[]) {
    const key = ANNOTATION + container.name
    const annotation = annotations[key]
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) continue
    const profile = profileOf(annotation)
    const isOfPod = profile?.type === ofPod?.type && profile?.localhostProfile === ofPod?.localhostProfile
    if (profile !== undefined && isOfPod) continue
    if (profile !== undefined) (container.securityContext ??= {}).appArmorProfile = profile
    context.addWarning?.(
      `metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    )
  }
}

/** Undefined for a text that names no profile; validation refuses it. */
function profileOf(annotation: string): Profile | undefined {
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  const localhostProfile = annotation.startsWith(LOCALHOST) ? annotation.slice(LOCALHOST.length).trim() : ''
  return localhostProfile === '' ? undefined : { type: 'Localhost', localhostProfile }
}
