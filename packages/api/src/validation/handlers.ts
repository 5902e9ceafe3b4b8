// What is run or asked inside a container: probes, and the hooks of its lifecycle.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isHTTPHeaderName,
} from '@keelson/apimachinery'
import type { Container, Handler, Probe } from '../kinds/core/pod-types.ts'
import { checkNotNegative } from './field-checks.ts'
import { checkPortNumber, checkPortNumberOrName } from './ports.ts'

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const
const PROBE_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'] as const
const LIFECYCLE_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'sleep'] as const
const WINDOWS_SIGNALS = ['SIGKILL', 'SIGTERM']
const LINUX_SIGNALS = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX'.split(' '),
  ...Array.from({ length: 14 }, (_, index) => `RTMAX-${index + 1}`),
  'RTMIN',
  ...Array.from({ length: 15 }, (_, index) => `RTMIN+${index + 1}`),
  ...'SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'.split(' '),
]
  .map((name) => `SIG${name}`)
  .toSorted()

export interface HandlerContext {
  readonly gracePeriod: number | undefined
  readonly operatingSystem: string | undefined
}

export function checkProbesAndLifecycle(
  errors: FieldError[],
  container: Container,
  path: FieldPath,
  context: HandlerContext,
): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  if (lifecycle !== undefined) checkLifecycle(errors, lifecycle, path.child('lifecycle'), context)
  if (livenessProbe !== undefined) checkOneSuccess(errors, livenessProbe, path.child('livenessProbe'), context)
  if (readinessProbe !== undefined) {
    const at = path.child('readinessProbe')
    checkProbe(errors, readinessProbe, at, context)
    const seconds = readinessProbe.terminationGracePeriodSeconds
    if (seconds !== undefined) {
      errors.push(
        fieldInvalid(at.child('terminationGracePeriodSeconds'), seconds, 'must not be set for readinessProbes'),
      )
    }
  }
  if (startupProbe !== undefined) checkOneSuccess(errors, startupProbe, path.child('startupProbe'), context)
}

function checkOneSuccess(errors: FieldError[], probe: Probe, path: FieldPath, context: HandlerContext): void {
  checkProbe(errors, probe, path, context)
  if (probe.successThreshold !== 1) {
    errors.push(fieldInvalid(path.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1'))
  }
}

function checkProbe(errors: FieldError[], probe: Probe, path: FieldPath, context: HandlerContext): void {
  checkHandler(errors, probe, PROBE_HANDLERS, path, context)
  for (const name of COUNTS) checkNotNegative(errors, probe[name], path, name)
  const seconds = probe.terminationGracePeriodSeconds
  if (seconds !== undefined && seconds <= 0) {
    errors.push(fieldInvalid(path.child('terminationGracePeriodSeconds'), seconds, 'must be greater than 0'))
  }
}

function checkLifecycle(
  errors: FieldError[],
  { postStart, preStop, stopSignal }: NonNullable<Container['lifecycle']>,
  path: FieldPath,
  context: HandlerContext,
): void {
  if (postStart !== undefined) checkHandler(errors, postStart, LIFECYCLE_HANDLERS, path.child('postStart'), context)
  if (preStop !== undefined) checkHandler(errors, preStop, LIFECYCLE_HANDLERS, path.child('preStop'), context)
  if (stopSignal === undefined) return
  const at = path.child('stopSignal')
  const known = context.operatingSystem === 'windows' ? WINDOWS_SIGNALS : LINUX_SIGNALS
  if (context.operatingSystem === undefined) {
    errors.push(fieldForbidden(at, 'may not be set for containers with empty `spec.os.name`'))
  } else if (['linux', 'windows'].includes(context.operatingSystem) && !known.includes(stopSignal)) {
    errors.push(fieldNotSupported(at, stopSignal, known))
  }
}

function checkHandler(
  errors: FieldError[],
  handler: Handler,
  kinds: readonly (keyof Handler)[],
  path: FieldPath,
  { gracePeriod }: HandlerContext,
): void {
  let found = false
  for (const kind of kinds) {
    if (handler[kind] === undefined) continue
    if (found) errors.push(fieldForbidden(path.child(kind), 'may not specify more than 1 handler type'))
    else checkAction(errors, handler, kind, path.child(kind), gracePeriod)
    found = true
  }
  if (!found) errors.push(fieldRequired(path, 'must specify a handler type'))
}

function checkAction(
  errors: FieldError[],
  { exec, httpGet, tcpSocket, grpc, sleep }: Handler,
  kind: keyof Handler,
  path: FieldPath,
  gracePeriod: number | undefined,
): void {
  switch (kind) {
    case 'exec':
      if ((exec?.command ?? []).length === 0) errors.push(fieldRequired(path.child('command'), ''))
      return
    case 'httpGet': {
      const { path: urlPath, port = 0, scheme = '', httpHeaders = [] } = httpGet ?? {}
      if (!urlPath) errors.push(fieldRequired(path.child('path'), ''))
      checkPortNumberOrName(errors, port, path.child('port'))
      if (scheme !== 'HTTP' && scheme !== 'HTTPS')
        errors.push(fieldNotSupported(path.child('scheme'), scheme, ['HTTP', 'HTTPS']))
      for (const { name = '' } of httpHeaders) {
        for (const message of isHTTPHeaderName(name))
          errors.push(fieldInvalid(path.child('httpHeaders'), name, message))
      }
      return
    }
    case 'tcpSocket':
      return checkPortNumberOrName(errors, tcpSocket?.port ?? 0, path.child('port'))
    case 'grpc':
      return checkPortNumber(errors, grpc?.port ?? 0, path.child('port'))
    case 'sleep': {
      const seconds = sleep?.seconds ?? 0
      if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return
      const detail = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`
      errors.push(fieldInvalid(path, seconds, detail))
    }
  }
}
