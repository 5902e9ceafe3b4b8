// Environment variables of a container, and the fields of pods and containers that they (and volumes) may show.
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isConfigMapKey,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  isRelaxedEnvVarName,
  nameIsDNSSubdomain,
} from '@keelson/apimachinery'
import type {
  Container,
  EnvFromSource,
  EnvVar,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '../kinds/core/pod-types.ts'
import { checkName } from './field-checks.ts'
import { checkNoBacksteps } from './file-paths.ts'
import { quantityOf } from './resources.ts'

const ENVIRONMENT_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What the downward API knows; not each of them in each place. */
const POD_FIELDS: ReadonlySet<string> = new Set([
  ...ENVIRONMENT_FIELDS,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])
const CONTAINER_FIELDS: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const SIZES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

export function checkEnvironment(errors: FieldError[], container: Container, path: FieldPath): void {
  if (container.env !== undefined) checkVariables(errors, container.env, path.child('env'))
  if (container.envFrom !== undefined) checkSources(errors, container.envFrom, path.child('envFrom'))
}

function checkVariables(errors: FieldError[], variables: readonly EnvVar[], path: FieldPath): void {
  for (let index = 0; index < variables.length; index++) {
    const variable = variables[index] ?? {}
    const { name, valueFrom } = variable
    if (!name) errors.push(fieldRequired(path.index(index).child('name'), ''))
    else
      for (const message of isRelaxedEnvVarName(name))
        errors.push(fieldInvalid(path.index(index).child('name'), name, message))
    if (valueFrom !== undefined) checkValueFrom(errors, variable, valueFrom, path.index(index).child('valueFrom'))
  }
}

function checkValueFrom(
  errors: FieldError[],
  { value }: EnvVar,
  source: NonNullable<EnvVar['valueFrom']>,
  path: FieldPath,
): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  if (fieldRef !== undefined) checkObjectField(errors, fieldRef, ENVIRONMENT_FIELDS, path.child('fieldRef'))
  if (resourceFieldRef !== undefined)
    checkResourceField(errors, resourceFieldRef, path.child('resourceFieldRef'), false)
  if (configMapKeyRef !== undefined) checkKeySelector(errors, configMapKeyRef, path.child('configMapKeyRef'))
  if (secretKeyRef !== undefined) checkKeySelector(errors, secretKeyRef, path.child('secretKeyRef'))
  if (fileKeyRef !== undefined) checkFileKey(errors, fileKeyRef, path.child('fileKeyRef'))
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(
    (item) => item !== undefined,
  )
  if (sources.length === 0) {
    const names = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(fieldInvalid(path, '', `must specify one of: ${names}`))
  } else if (value) errors.push(fieldInvalid(path, '', 'may not be specified when `value` is not empty'))
  else if (sources.length > 1)
    errors.push(fieldInvalid(path, '', 'may not have more than one field specified at a time'))
}

/** `metadata.annotations['x']` names one annotation; the plain paths must be among `allowed`. */
export function checkObjectField(
  errors: FieldError[],
  { apiVersion, fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
  path: FieldPath,
): void {
  if (!apiVersion) return void errors.push(fieldRequired(path.child('apiVersion'), ''))
  if (!fieldPath) return void errors.push(fieldRequired(path.child('fieldPath'), ''))
  const at = path.child('fieldPath')
  const refuse = (why: string): void =>
    void errors.push(fieldInvalid(at, fieldPath, `error converting fieldPath: ${why}`))
  if (apiVersion !== 'v1') return refuse(`unsupported pod version: ${apiVersion}`)
  const subscripted = fieldPath.endsWith("']") ? /^([^[]*)\['(.*)'\]$/.exec(fieldPath) : null
  if (subscripted !== null) {
    const [, field = '', key = ''] = subscripted
    if (field === 'metadata.annotations') return checkName(errors, path, key.toLowerCase(), isQualifiedName)
    if (field === 'metadata.labels') return checkName(errors, path, key, isQualifiedName)
    return refuse(`field label does not support subscript: ${fieldPath}`)
  }
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  if (!POD_FIELDS.has(field)) return refuse(`field label not supported: ${fieldPath}`)
  if (!allowed.includes(field)) errors.push(fieldNotSupported(at, field, allowed.toSorted()))
}

/** `inVolume`: the container must be named, as a volume belongs to none. */
export function checkResourceField(
  errors: FieldError[],
  selector: ResourceFieldSelector,
  path: FieldPath,
  inVolume: boolean,
): void {
  const { containerName, resource = '', divisor = '0' } = selector
  const hugePages = /^(limits|requests)\.hugepages-/.test(resource)
  if (inVolume && !containerName) errors.push(fieldRequired(path.child('containerName'), ''))
  else if (resource === '') errors.push(fieldRequired(path.child('resource'), ''))
  else if (!CONTAINER_FIELDS.includes(resource) && !hugePages) {
    errors.push(fieldNotSupported(path.child('resource'), resource, CONTAINER_FIELDS))
  }
  if (quantityOf(divisor).isZero) return
  const refuse = (values: string, name: string): void =>
    void errors.push(
      fieldInvalid(
        path.child('divisor'),
        resource,
        `only divisor's values ${values} are supported with the ${name} resource`,
      ),
    )
  if (resource.endsWith('.cpu')) {
    if (divisor !== '1m' && divisor !== '1') refuse('1m and 1', 'cpu')
  } else if (!SIZES.includes(divisor)) {
    if (resource.endsWith('.memory')) refuse(SIZES.join(', '), 'memory')
    else if (resource.endsWith('.ephemeral-storage')) refuse(SIZES.join(', '), 'local ephemeral storage')
    else if (hugePages) refuse(SIZES.join(', '), 'hugepages')
  }
}

function checkKeySelector(
  errors: FieldError[],
  { name = '', key }: { name?: string; key?: string },
  path: FieldPath,
): void {
  checkName(errors, path.child('name'), name, isDNS1123Subdomain)
  if (!key) errors.push(fieldRequired(path.child('key'), ''))
  else checkName(errors, path.child('key'), key, isConfigMapKey)
}

function checkFileKey(
  errors: FieldError[],
  { key, volumeName, path: filePath }: { key?: string; volumeName?: string; path?: string },
  path: FieldPath,
): void {
  if (!key) errors.push(fieldRequired(path.child('key'), ''))
  else checkName(errors, path.child('key'), key, isRelaxedEnvVarName)
  if (!volumeName) errors.push(fieldRequired(path.child('volumeName'), ''))
  else checkName(errors, path.child('volumeName'), volumeName, isDNS1123Label)
  if (!filePath) errors.push(fieldRequired(path.child('path'), ''))
  else checkNoBacksteps(errors, filePath, path.child('path'))
}

function checkSources(errors: FieldError[], sources: readonly EnvFromSource[], path: FieldPath): void {
  for (const [index, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const at = path.index(index)
    if (prefix) checkName(errors, at.child('prefix'), prefix, isRelaxedEnvVarName)
    for (const [name, reference] of [
      ['configMapRef', configMapRef],
      ['secretRef', secretRef],
    ] as const) {
      if (reference === undefined) continue
      if (!reference.name) errors.push(fieldRequired(at.child(name, 'name'), ''))
      else checkName(errors, at.child(name, 'name'), reference.name, (value) => nameIsDNSSubdomain(value, true))
    }
    // Upstream names the list here, not the item.
    if (configMapRef === undefined && secretRef === undefined) {
      errors.push(fieldInvalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      errors.push(fieldInvalid(path, '', 'may not have more than one field specified at a time'))
    }
  }
}
