// What a claim of devices may ask for, and what a class of devices may say.
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
  rootPath,
} from '@keelson/apimachinery'
import { compileDeviceSelector } from '../cel/index.ts'
import type {
  ClaimSpec,
  DeviceClaim,
  DeviceClass,
  DeviceRequest,
  DeviceRequestDetails,
  DeviceSelector,
  ResourceClaimTemplate,
} from '../kinds/resource/resource-types.ts'
import { emptiedFields } from '../schema/emptied.ts'
import { checkBoundedList, checkBoundedSet } from './bounded-lists.ts'
import { checkConfiguration, checkDeviceToleration, checkFullyQualifiedName } from './device-names.ts'
import { checkName } from './field-checks.ts'
import { checkAnnotations, checkLabels } from './labels.ts'
import { isExtendedResource } from './resources.ts'

const MAX_REQUESTS = 32
const MAX_CONSTRAINTS = 32
const MAX_CONFIGURATIONS = 32
const MAX_CHOICES = 8
const MAX_SELECTORS = 32
const MAX_EXPRESSION_BYTES = 10 * 1024
const MAX_EXPRESSION_COST = 1_000_000
const ONE_TYPE = 'exactly one of `exactly` or `firstAvailable` is required'
const UNKNOWN_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

/** Names of requests, with those of their choices. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

export const requestNamesOf = ({ requests }: DeviceClaim): RequestNames =>
  new Map(
    (requests ?? []).map(({ name = '', firstAvailable = [] }) => [
      name,
      new Set(firstAvailable.map((choice) => choice.name ?? '')),
    ]),
  )

export function checkClaimSpec(errors: FieldError[], { devices = {} }: ClaimSpec, parent: FieldPath): void {
  const path = parent.child('devices')
  const names = requestNamesOf(devices)
  checkBoundedSet(
    errors,
    devices.requests ?? [],
    MAX_REQUESTS,
    path.child('requests'),
    checkRequest,
    ({ name = '' }) => name,
  )
  checkBoundedList(
    errors,
    devices.constraints ?? [],
    MAX_CONSTRAINTS,
    path.child('constraints'),
    (found, constraint, at) => {
      checkRequestReferences(found, constraint.requests ?? [], at.child('requests'), names)
      const { matchAttribute, distinctAttribute } = constraint
      if (matchAttribute !== undefined) checkFullyQualifiedName(found, matchAttribute, at.child('matchAttribute'))
      else if (distinctAttribute !== undefined)
        checkFullyQualifiedName(found, distinctAttribute, at.child('distinctAttribute'))
      else {
        // As upstream says it, though none is set.
        const detail = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
        found.push(fieldRequired(at, detail))
      }
    },
  )
  checkBoundedList(
    errors,
    devices.config ?? [],
    MAX_CONFIGURATIONS,
    path.child('config'),
    (found, configuration, at) => {
      checkRequestReferences(found, configuration.requests ?? [], at.child('requests'), names)
      checkConfiguration(found, configuration, at)
    },
  )
}

function checkRequest(errors: FieldError[], request: DeviceRequest, path: FieldPath): void {
  const { exactly, firstAvailable = [] } = request
  checkName(errors, path.child('name'), request.name ?? '', isDNS1123Label)
  if (exactly === undefined && firstAvailable.length === 0) errors.push(fieldRequired(path, ONE_TYPE))
  else if (exactly !== undefined && firstAvailable.length > 0)
    errors.push(fieldInvalid(path, null, `${ONE_TYPE}, but multiple fields are set`))
  else if (exactly !== undefined) checkDetails(errors, exactly, path.child('exactly'))
  else {
    const rule = (found: FieldError[], choice: DeviceRequestDetails, at: FieldPath): void => {
      checkName(found, at.child('name'), choice.name ?? '', isDNS1123Label)
      checkDetails(found, choice, at)
    }
    checkBoundedSet(errors, firstAvailable, MAX_CHOICES, path.child('firstAvailable'), rule, ({ name = '' }) => name)
  }
}

function checkDetails(errors: FieldError[], details: DeviceRequestDetails, path: FieldPath): void {
  const { deviceClassName = '', allocationMode: mode = '', count = 0 } = details
  if (deviceClassName === '') errors.push(fieldRequired(path.child('deviceClassName'), ''))
  else checkName(errors, path.child('deviceClassName'), deviceClassName, isDNS1123Subdomain)
  checkSelectors(errors, details.selectors ?? [], path.child('selectors'))
  if (mode === 'All') {
    const detail = "must not be specified when allocationMode is 'All'"
    if (count !== 0) errors.push(fieldInvalid(path.child('count'), count, detail))
  } else if (mode === 'ExactCount') {
    if (count <= 0) errors.push(fieldInvalid(path.child('count'), count, 'must be greater than zero'))
  } else errors.push(fieldNotSupported(path.child('allocationMode'), mode, ['All', 'ExactCount']))
  for (const [index, toleration] of (details.tolerations ?? []).entries())
    checkDeviceToleration(errors, toleration, path.child('tolerations').index(index))
}

function checkSelectors(errors: FieldError[], selectors: readonly DeviceSelector[], path: FieldPath): void {
  checkBoundedList(errors, selectors, MAX_SELECTORS, path, (found, { cel }, at) => {
    if (cel === undefined) found.push(fieldRequired(at.child('cel'), ''))
    else checkExpression(found, cel.expression ?? '', at.child('cel', 'expression'))
  })
}

function checkExpression(errors: FieldError[], expression: string, path: FieldPath): void {
  if (Buffer.byteLength(expression) > MAX_EXPRESSION_BYTES)
    return void errors.push(fieldTooLong(path, MAX_EXPRESSION_BYTES))
  const compiled = compileDeviceSelector(expression)
  if ('error' in compiled) errors.push(fieldInvalid(path, expression, compiled.error))
  else if (compiled.cost > MAX_EXPRESSION_COST) errors.push(fieldForbidden(path, 'too complex, exceeds cost limit'))
}

export function checkRequestReferences(
  errors: FieldError[],
  references: readonly string[],
  path: FieldPath,
  names: RequestNames,
): void {
  const rule = (found: FieldError[], name: string, at: FieldPath): void => checkRequestReference(found, name, at, names)
  checkBoundedSet(errors, references, MAX_REQUESTS, path, rule, (name) => name)
}

export function checkRequestReference(errors: FieldError[], name: string, path: FieldPath, names: RequestNames): void {
  const segments = name.split('/')
  if (segments.length > 2) return void errors.push(fieldInvalid(path, name, UNKNOWN_REQUEST))
  for (const segment of segments) checkName(errors, path, segment, isDNS1123Label)
  const [request = '', choice] = segments
  const choices = names.get(request)
  if (choices === undefined || (choice !== undefined && !choices.has(choice)))
    errors.push(fieldInvalid(path, name, UNKNOWN_REQUEST))
}

export function validateDeviceClass({ spec = {} }: DeviceClass): FieldError[] {
  const errors: FieldError[] = []
  const path = rootPath.child('spec')
  const { selectors = [], config = [], extendedResourceName } = spec
  checkSelectors(errors, selectors, path.child('selectors'))
  checkBoundedList(errors, config, MAX_CONFIGURATIONS, path.child('config'), checkConfiguration)
  if (extendedResourceName !== undefined && !isExtendedResource(extendedResourceName)) {
    const at = path.child('extendedResourceName')
    errors.push(fieldInvalid(at, extendedResourceName, 'must be a valid extended resource name'))
  }
  return errors
}

export function validateClaimTemplate({ spec = {} }: ResourceClaimTemplate): FieldError[] {
  const errors: FieldError[] = []
  const path = rootPath.child('spec')
  const { annotations, labels, ...others } = spec.metadata ?? {}
  const metadataPath = path.child('metadata')
  checkAnnotations(errors, annotations, metadataPath.child('annotations'))
  checkLabels(errors, labels, metadataPath.child('labels'))
  const set = [...Object.entries(others), ...emptiedFields(spec.metadata ?? {})].flatMap(([field, value]) =>
    value !== undefined && value !== null && FIELDS.includes(field) ? [field] : [],
  )
  for (const field of set.toSorted((left, right) => FIELDS.indexOf(left) - FIELDS.indexOf(right)))
    errors.push(fieldForbidden(metadataPath.child(GO_NAMES[field] ?? field), 'cannot be set'))
  checkClaimSpec(errors, spec.spec ?? {}, path.child('spec'))
  return errors
}

/** Go's names of fields, where they differ. */
const GO_NAMES: Readonly<Record<string, string>> = { uid: 'uID' }
/** The other fields of metadata, in the order of their declaration. */
const FIELDS = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
]
