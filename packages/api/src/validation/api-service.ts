// What an APIService may say: its name is its version and group.
import {
  type FieldError,
  type NameRule,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  goQuote,
  isDNS1035Label,
  isDNS1123Subdomain,
  isPortNumber,
  nameIsPathSegment,
  rootPath,
} from '@keelson/apimachinery'
import type { ApiService } from '../kinds/apiregistration/apiservice.ts'
import { checkName } from './field-checks.ts'

type Spec = NonNullable<ApiService['spec']>

const specPath = rootPath.child('spec')
const MAX_GROUP_PRIORITY = 20_000
const MAX_VERSION_PRIORITY = 1000
const STATUSES = ['True', 'False', 'Unknown']

export function validateApiService({ spec = {} }: ApiService): FieldError[] {
  const errors: FieldError[] = []
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec
  if (group !== '') checkName(errors, specPath.child('group'), group, isDNS1123Subdomain)
  else if (version !== 'v1') {
    const detail = 'only v1 may have an empty group and it better be legacy kube'
    errors.push(fieldRequired(specPath.child('group'), detail))
  }
  checkName(errors, specPath.child('version'), version, isDNS1035Label)
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > MAX_GROUP_PRIORITY) {
    const detail = `must be positive and less than ${MAX_GROUP_PRIORITY}`
    errors.push(fieldInvalid(specPath.child('groupPriorityMinimum'), groupPriorityMinimum, detail))
  }
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY) {
    const detail = `must be positive and less than ${MAX_VERSION_PRIORITY}`
    errors.push(fieldInvalid(specPath.child('versionPriority'), versionPriority, detail))
  }
  if (spec.service === undefined) checkLocal(errors, spec)
  else checkService(errors, spec, spec.service)
  return errors
}

/** A name is the version and the group. */
export function apiServiceNameRule({ spec = {} }: ApiService): NameRule {
  const required = `${spec.version ?? ''}.${spec.group ?? ''}`
  return (name) => {
    const problems = nameIsPathSegment(name, false)
    if (problems.length > 0 || name === required) return problems
    return [`must be \`spec.version+"."+spec.group\`: ${goQuote(required)}`]
  }
}

function checkLocal(errors: FieldError[], { caBundle, insecureSkipTLSVerify }: Spec): void {
  if (caBundle) {
    const shown = `${Buffer.from(caBundle, 'base64').length} bytes`
    errors.push(fieldInvalid(specPath.child('caBundle'), shown, 'local APIServices may not have a caBundle'))
  }
  if (insecureSkipTLSVerify) {
    const detail = 'local APIServices may not have insecureSkipTLSVerify'
    errors.push(fieldInvalid(specPath.child('insecureSkipTLSVerify'), true, detail))
  }
}

function checkService(errors: FieldError[], spec: Spec, service: NonNullable<Spec['service']>): void {
  const path = specPath.child('service')
  if (!service.namespace) errors.push(fieldRequired(path.child('namespace'), ''))
  if (!service.name) errors.push(fieldRequired(path.child('name'), ''))
  const problems = isPortNumber(service.port ?? 0)
  if (problems.length > 0)
    errors.push(fieldInvalid(path.child('port'), service.port ?? 0, `port is not valid: ${problems.join(', ')}`))
  if (spec.insecureSkipTLSVerify && spec.caBundle) {
    errors.push(fieldInvalid(specPath.child('insecureSkipTLSVerify'), true, 'may not be true if caBundle is present'))
  }
}

export function validateApiServiceStatus({ status = {} }: ApiService): FieldError[] {
  return (status.conditions ?? []).flatMap((condition, index) => {
    if (STATUSES.includes(condition.status ?? '')) return []
    const path = rootPath.child('status', 'conditions').index(index).child('status')
    return [fieldNotSupported(path, condition.status ?? '', STATUSES)]
  })
}
