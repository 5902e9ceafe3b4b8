// Who a Windows container runs as.
import { type FieldError, type FieldPath, fieldInvalid, isDNS1123Subdomain } from '@keelson/apimachinery'
import type { PodSpec } from '../kinds/core/pod-types.ts'
import { checkName } from './field-checks.ts'

export interface WindowsOptions {
  gmsaCredentialSpecName?: string
  gmsaCredentialSpec?: string
  runAsUserName?: string
  hostProcess?: boolean
}

const MAX_CREDENTIAL_KIB = 64
const MAX_DOMAIN = 256
const MAX_USER = 104
const CONTROL_CHARACTERS = /[\p{Cc}]/u
const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const DOMAIN_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const DOTTED = new RegExp(String.raw`^${DOMAIN_LABEL}(?:\.${DOMAIN_LABEL})*$`)
const DOTS_AND_SPACES = /^[. ]+$/
const FORBIDDEN_IN_USER = /["/\\:;|=,+*?<>@[\]]/

export function checkWindowsOptions(errors: FieldError[], options: WindowsOptions | undefined, path: FieldPath): void {
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options ?? {}
  if (gmsaCredentialSpecName !== undefined)
    checkName(errors, path.child('gmsaCredentialSpecName'), gmsaCredentialSpecName, isDNS1123Subdomain)
  if (gmsaCredentialSpec !== undefined) checkCredential(errors, gmsaCredentialSpec, path.child('gmsaCredentialSpec'))
  if (runAsUserName !== undefined) checkUser(errors, runAsUserName, path.child('runAsUserName'))
}

/** Containers that are processes of the host: all of a pod are, or none is. */
export function checkHostProcesses(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  let containers = 0
  let onHost = 0
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { securityContext }] of (spec[list] ?? []).entries()) {
      const own = securityContext?.windowsOptions?.hostProcess
      containers++
      if (own ?? ofPod) onHost++
      if (ofPod === undefined || own === undefined || ofPod === own) continue
      const at = path.child(list).index(index).child('securityContext', 'windowsOptions', 'hostProcess')
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      errors.push(fieldInvalid(at, own, detail))
    }
  }
  if (onHost === 0) return
  if (onHost !== containers) {
    const detail = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(fieldInvalid(path, '', detail))
  }
  if (spec.hostNetwork !== true) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers'
    errors.push(fieldInvalid(path.child('hostNetwork'), false, detail))
  }
}

function checkCredential(errors: FieldError[], text: string, path: FieldPath): void {
  if (text === '') errors.push(fieldInvalid(path, text, 'gmsaCredentialSpec cannot be an empty string'))
  else if (Buffer.byteLength(text) > MAX_CREDENTIAL_KIB * 1024)
    errors.push(fieldInvalid(path, text, `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_KIB} KiB`))
}

/** `DOMAIN\user`, or the user alone. */
function checkUser(errors: FieldError[], name: string, path: FieldPath): void {
  const refuse = (detail: string): void => void errors.push(fieldInvalid(path, name, `runAsUserName${detail}`))
  if (name === '') return refuse(' cannot be an empty string')
  if (CONTROL_CHARACTERS.test(name)) return refuse(' cannot contain control characters')
  const parts = name.split('\\')
  if (parts.length > 2) return refuse(' cannot contain more than one backslash')
  const [domain, user = ''] = parts.length === 2 ? parts : [undefined, name]
  if (domain !== undefined && Buffer.byteLength(domain) >= MAX_DOMAIN)
    refuse(`'s Domain length must be under ${MAX_DOMAIN} characters`)
  if (domain !== undefined && !NETBIOS.test(domain) && !DOTTED.test(domain))
    refuse("'s Domain doesn't match the NetBios nor the DNS format")
  if (user === '') refuse("'s User cannot be empty")
  else if (Buffer.byteLength(user) > MAX_USER) refuse(`'s User length must not be longer than ${MAX_USER} characters`)
  if (DOTS_AND_SPACES.test(user)) refuse("'s User cannot contain only periods or spaces")
  if (FORBIDDEN_IN_USER.test(user)) refuse(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
}
