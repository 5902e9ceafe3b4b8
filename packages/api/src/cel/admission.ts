// What expressions of admission see: the object and the request, and in policies parameters, variables and patches.
import { commonFunctions, extendFunctions } from './declarations.ts'
import { type DeclaredType, type Environment, makeEnvironment } from './environment.ts'
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  first,
  INT,
  listOf,
  mapOf,
  second,
  STRING,
  struct,
  TIMESTAMP,
  type Type,
  UINT,
} from './types.ts'

export interface AdmissionScope {
  readonly hasParams?: boolean
  readonly hasAuthorizer?: boolean
  /** `Object{…}` and `JSONPatch{…}`. */
  readonly hasPatchTypes?: boolean
  /** `variables.x`; undefined where there are none. */
  readonly variables?: ReadonlyMap<string, Type>
}

const bool: DeclaredType = { type: BOOL }
const int: DeclaredType = { type: INT }
const string: DeclaredType = { type: STRING }
const dyn: DeclaredType = { type: DYN }
const timestamp: DeclaredType = { type: TIMESTAMP }

const list = (element: DeclaredType): DeclaredType => ({ type: listOf(element.type), element })
const map = (element: DeclaredType): DeclaredType => ({
  type: mapOf(STRING, element.type),
  key: string,
  element,
})
const object = (name: string, fields: Readonly<Record<string, DeclaredType>>): DeclaredType => ({
  type: struct(`kubernetes.${name}`),
  fields: new Map(Object.entries(fields)),
})

const kind = object('GroupVersionKind', { group: string, version: string, kind: string })
const resource = object('GroupVersionResource', { group: string, version: string, resource: string })
const request = object('AdmissionRequest', {
  kind,
  resource,
  subResource: string,
  requestKind: kind,
  requestResource: resource,
  requestSubResource: string,
  name: string,
  namespace: string,
  operation: string,
  userInfo: object('UserInfo', { username: string, uid: string, groups: list(string), extra: map(list(string)) }),
  dryRun: bool,
  options: dyn,
})
const condition = { status: string, type: string, lastTransitionTime: timestamp, message: string, reason: string }
const namespace = object('Namespace', {
  metadata: object('NamespaceMetadata', {
    name: string,
    generateName: string,
    namespace: string,
    labels: map(string),
    annotations: map(string),
    UID: string,
    creationTimestamp: timestamp,
    deletionGracePeriodSeconds: int,
    deletionTimestamp: timestamp,
    generation: int,
    resourceVersion: string,
    finalizers: list(string),
  }),
  spec: object('NamespaceSpec', { finalizers: list(string) }),
  status: object('NamespaceStatus', { conditions: list(object('NamespaceCondition', condition)), phase: string }),
})

const PATCH_FUNCTIONS = 'string_jsonpatch_escapeKey_string jsonpatch.escapeKey(string) string'
const PATCH_FIELDS: Readonly<Record<string, Type>> = { op: STRING, from: STRING, path: STRING, value: DYN }
/** A field that a JSONPatch does not have is of a type that nothing fits. */
const NOTHING = struct('')

/** The type that a policy's expressions of patches must have. */
export const APPLY_CONFIGURATION = struct('Object')
export const JSON_PATCHES = listOf(struct('JSONPatch'))

/** An Object of a patch may have any field, of any type. */
const patchFields = (name: string): ((field: string) => Type) | undefined => {
  if (name === 'JSONPatch') return (field) => PATCH_FIELDS[field] ?? NOTHING
  return name === 'Object' || name.startsWith('Object.') ? () => DYN : undefined
}

export function admissionEnvironment(scope: AdmissionScope): Environment {
  const { hasParams = false, hasAuthorizer = false, hasPatchTypes = false, variables } = scope
  const declared: Record<string, DeclaredType> = {
    object: dyn,
    oldObject: dyn,
    namespaceObject: namespace,
    request,
    ...(hasParams ? { params: dyn } : {}),
    ...(hasAuthorizer
      ? {
          authorizer: { type: struct('kubernetes.authorization.Authorizer') },
          'authorizer.requestResource': { type: struct('kubernetes.authorization.ResourceCheck') },
        }
      : {}),
    ...(variables === undefined ? {} : { variables: object('variables', typesOf(variables)) }),
  }
  if (!hasPatchTypes) return makeEnvironment(declared)
  const functions = extendFunctions(commonFunctions(), PATCH_FUNCTIONS)
  return makeEnvironment(declared, { functions, fieldsOf: patchFields })
}

function typesOf(variables: ReadonlyMap<string, Type>): Record<string, DeclaredType> {
  return Object.fromEntries([...variables].map(([name, type]) => [name, { type: variableType(type) }]))
}

const KEPT: ReadonlySet<Type> = new Set([BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, UINT])

/** Types of variables that stand in the types of others are looked at once, however deep they are. */
const variableTypes = new WeakMap<Type, Type>()

/** Of a variable with a value of the type: what has no simple type is of any. */
function variableType(type: Type): Type {
  if (KEPT.has(type) || type.kind === 'any' || type.kind === 'null') return type
  if (type.kind !== 'list' && type.kind !== 'map') return DYN
  const known = variableTypes.get(type)
  if (known !== undefined) return known
  const made =
    type.kind === 'list'
      ? listOf(variableType(first(type)))
      : mapOf(variableType(first(type)), variableType(second(type)))
  variableTypes.set(type, made)
  variableTypes.set(made, made)
  return made
}
