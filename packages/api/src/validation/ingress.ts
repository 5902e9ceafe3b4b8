// What an Ingress and an IngressClass may say.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  isDNS1123Label,
  isDNS1123Subdomain,
  isPortName,
  isWildcardDNS1123Subdomain,
  nameIsPathSegment,
  rootPath,
} from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../metadata/update-checks.ts'
import type { Ingress, IngressBackend, IngressClass, IngressPath } from '../kinds/networking/ingress-types.ts'
import { emptiedField } from '../schema/emptied.ts'
import { checkImmutable, checkName } from './field-checks.ts'
import { checkAddress, parseAddress } from './ip-address.ts'
import { checkPortNumber } from './ports.ts'

const specPath = rootPath.child('spec')
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const BAD_ENDINGS = ['/..', '/.']
const SCOPES = ['Cluster', 'Namespace']
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const MAX_CONTROLLER = 250

export function validateIngress({ metadata, spec = {} }: Ingress, old?: Ingress): FieldError[] {
  const errors: FieldError[] = []
  const rules = spec.rules ?? []
  if (rules.length === 0 && spec.defaultBackend === undefined) {
    const shown = emptiedField(spec, 'rules')
    errors.push(fieldInvalid(specPath, shown, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (spec.defaultBackend !== undefined) checkBackend(errors, spec.defaultBackend, specPath.child('defaultBackend'))
  for (const [index, { host = '', http }] of rules.entries()) {
    const path = specPath.child('rules').index(index)
    if (host !== '') checkHost(errors, host, path.child('host'))
    if (http === undefined) continue
    const pathsPath = path.child('http', 'paths')
    if ((http.paths ?? []).length === 0) errors.push(fieldRequired(pathsPath, ''))
    for (const [at, each] of (http.paths ?? []).entries()) checkPath(errors, each, pathsPath.index(at))
  }
  for (const [index, { hosts = [], secretName }] of (spec.tls ?? []).entries()) {
    const path = specPath.child('tls').index(index)
    for (const [at, host] of hosts.entries()) checkDomain(errors, host, path.child('hosts').index(at))
    if (secretName) checkName(errors, path.child('secretName'), secretName, isDNS1123Subdomain)
  }
  if (spec.ingressClassName !== undefined)
    checkName(errors, specPath.child('ingressClassName'), spec.ingressClassName, isDNS1123Subdomain)
  const annotation = metadata.annotations?.[CLASS_ANNOTATION]
  // Both say the same, or only one says anything; what was there before stays.
  if (old === undefined && annotation && spec.ingressClassName !== undefined && annotation !== spec.ingressClassName) {
    const path = rootPath.child('annotations').child(CLASS_ANNOTATION)
    errors.push(fieldInvalid(path, annotation, 'must match `ingressClassName` when both are specified'))
  }
  return errors
}

function checkDomain(errors: FieldError[], host: string, path: FieldPath): void {
  checkName(errors, path, host, host.includes('*') ? isWildcardDNS1123Subdomain : isDNS1123Subdomain)
}

function checkHost(errors: FieldError[], host: string, path: FieldPath): void {
  if (parseAddress(host) !== undefined) errors.push(fieldInvalid(path, host, 'must be a DNS name, not an IP address'))
  checkDomain(errors, host, path)
}

function checkPath(errors: FieldError[], { path = '', pathType, backend = {} }: IngressPath, at: FieldPath): void {
  if (pathType === undefined || pathType === null)
    return void errors.push(fieldRequired(at.child('pathType'), 'pathType must be specified'))
  const pathPath = at.child('path')
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) errors.push(fieldInvalid(pathPath, path, 'must be an absolute path'))
    if (path !== '') {
      for (const bad of BAD_SEQUENCES)
        if (path.includes(bad)) errors.push(fieldInvalid(pathPath, path, `must not contain '${bad}'`))
      for (const bad of BAD_ENDINGS)
        if (path.endsWith(bad)) errors.push(fieldInvalid(pathPath, path, `cannot end with '${bad}'`))
    }
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) errors.push(fieldInvalid(pathPath, path, 'must be an absolute path'))
  } else errors.push(fieldNotSupported(at.child('pathType'), pathType, PATH_TYPES))
  checkBackend(errors, backend, at.child('backend'))
}

function checkBackend(errors: FieldError[], { service, resource }: IngressBackend, path: FieldPath): void {
  if (service !== undefined && resource !== undefined)
    return void errors.push(fieldInvalid(path, '', 'cannot set both resource and service backends'))
  if (resource !== undefined) return checkTypedReference(errors, resource, path.child('resource'))
  if (service === undefined) return void errors.push(fieldInvalid(path, '', 'resource or service backend is required'))
  const { name = '', port = {} } = service
  if (name === '') errors.push(fieldRequired(path.child('service', 'name'), ''))
  else checkName(errors, path.child('service', 'name'), name, isDNS1123Label)
  if (port.name && port.number) errors.push(fieldInvalid(path, '', 'cannot set both port name & port number'))
  else if (port.name) checkName(errors, path.child('service', 'port', 'name'), port.name, isPortName)
  else if (port.number) checkPortNumber(errors, port.number, path.child('service', 'port', 'number'))
  else errors.push(fieldRequired(path, 'port name or number is required'))
}

function checkTypedReference(
  errors: FieldError[],
  { apiGroup, kind = '', name = '' }: NonNullable<IngressBackend['resource']>,
  path: FieldPath,
): void {
  if (apiGroup !== undefined && apiGroup !== null)
    checkName(errors, path.child('apiGroup'), apiGroup, isDNS1123Subdomain)
  for (const [field, value] of [
    ['kind', kind],
    ['name', name],
  ] as const) {
    if (value === '') errors.push(fieldRequired(path.child(field), ''))
    else checkName(errors, path.child(field), value, (text) => nameIsPathSegment(text, false))
  }
}

export function validateIngressClass({ spec = {} }: IngressClass, old?: IngressClass): FieldError[] {
  const errors: FieldError[] = []
  const { controller = '', parameters } = spec
  const path = specPath.child('controller')
  if (old !== undefined) {
    checkImmutable(errors, controller, old.spec?.controller ?? '', path)
    errors.push(METADATA_CHECKED.whole)
  }
  if (Buffer.byteLength(controller) > MAX_CONTROLLER) errors.push(fieldTooLong(path, MAX_CONTROLLER))
  if (controller === '') errors.push(fieldRequired(path, ''))
  else checkDomainPath(errors, controller, path)
  if (parameters === undefined) return errors
  const parametersPath = specPath.child('parameters')
  checkTypedReference(errors, parameters, parametersPath)
  const { scope, namespace } = parameters
  if (scope == null) return [...errors, fieldRequired(parametersPath.child('scope'), '')]
  if (!SCOPES.includes(scope)) errors.push(fieldNotSupported(parametersPath.child('scope'), scope, SCOPES))
  if (scope === 'Namespace') {
    const at = parametersPath.child('namespace')
    if (namespace === undefined) errors.push(fieldRequired(at, "`parameters.scope` is set to 'Namespace'"))
    else checkName(errors, at, namespace, isDNS1123Label)
  } else if (scope === 'Cluster' && namespace !== undefined) {
    errors.push(fieldForbidden(parametersPath.child('namespace'), "`parameters.scope` is set to 'Cluster'"))
  }
  return errors
}

export function validateIngressStatus(next: Ingress, old: Ingress): FieldError[] {
  const errors: FieldError[] = []
  const validBefore = (old.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip)
  for (const [index, { ip = '', hostname = '' }] of (next.status?.loadBalancer?.ingress ?? []).entries()) {
    const path = rootPath.child('status', 'loadBalancer', 'ingress').index(index)
    if (ip !== '') checkAddress(errors, path.child('ip'), ip, validBefore)
    if (hostname === '') continue
    checkName(errors, path.child('hostname'), hostname, isDNS1123Subdomain)
    if (parseAddress(hostname) !== undefined)
      errors.push(fieldInvalid(path.child('hostname'), hostname, 'must be a DNS name, not an IP address'))
  }
  return errors
}

/** A domain, a slash, and a path of what may be in a URL. */
export function checkDomainPath(errors: FieldError[], value: string, path: FieldPath): void {
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1)
    return void errors.push(fieldInvalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  checkName(errors, path, value.slice(0, slash), isDNS1123Subdomain)
  const rest = value.slice(slash + 1)
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest)) {
    const detail = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"
    errors.push(fieldInvalid(path, rest, detail))
  }
}
