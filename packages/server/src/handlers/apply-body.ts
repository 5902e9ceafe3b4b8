// The body of an apply, and what becomes of an object by it.
import { type KindSchema, ObjectDecodeError, schemaFor } from '@keelson/api'
import {
  DecodeError,
  type Decoded,
  type FieldManagement,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  applyObject,
  badRequest,
  isJsonObject,
  jsonTypeName,
  unclassifiedError,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import type { ResourceRegistry } from '../registry/types.ts'
import { yamlBodies } from '../yaml/yaml-bodies.ts'
import { checkObjectName } from './object-name.ts'
import { type ApplyOptions, parseApplyOptions } from './write-options.ts'

export interface ApplyPatch {
  readonly type: 'application/apply-patch+yaml'
  readonly wanted: JsonObject
  readonly options: ApplyOptions
  /** Keys that stand twice in the body. */
  readonly duplicates: readonly string[]
}

/** StatusError 422 for the query, 400 for what is no YAML of an object. */
export async function readApply(context: RequestContext): Promise<ApplyPatch> {
  const body = await context.readBody()
  const options = parseApplyOptions(context.query)
  const { value, duplicates } = await decode(body, options.fieldValidation !== 'Ignore')
  if (value !== null && !isJsonObject(value)) {
    const type = 'Go value of type map[string]interface {}'
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: json: cannot unmarshal ${jsonTypeName(value)} into ${type}`,
    )
  }
  return { type: 'application/apply-patch+yaml', wanted: value ?? {}, options, duplicates }
}

async function decode(body: Buffer, findDuplicates: boolean): Promise<Decoded> {
  try {
    return await yamlBodies.decode(body, { findDuplicates })
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(`error decoding YAML: ${error.message}`)
  }
}

export interface ApplyTarget {
  readonly schema: KindSchema
  readonly management: FieldManagement
  readonly namespaced: boolean
  /** Fills the merged object's defaults, in place. */
  default?(object: KubeObject): void
}

/** Of a resource's own kind, whole or through a subresource. */
export function applyTargetOf(registry: ResourceRegistry, subresource: string): ApplyTarget {
  const { definition, strategy } = registry
  return {
    schema: schemaFor(definition),
    management: registry.fieldManagement(subresource),
    namespaced: definition.namespaced,
    default: (object) => strategy.default?.(object),
  }
}

/** `live` (the empty object of the management, for a create) is not changed. */
export function appliedObject(
  context: RequestContext,
  { wanted, options, duplicates }: ApplyPatch,
  live: KubeObject,
  target: ApplyTarget,
): KubeObject {
  const { schema, management } = target
  const { kind } = schema
  const object = applyObject(live, wanted, {
    manager: options.fieldManager,
    force: options.force,
    now: new Date(),
    kind,
    management,
    finish(merged) {
      const decoded = converted(merged, schema)
      decoded.kind = live.kind
      decoded.apiVersion = live.apiVersion
      target.default?.(decoded)
      return decoded
    },
  })
  reportDuplicates(context, options, duplicates)
  const { name, namespace } = context.info
  checkObjectName(object, name, target.namespaced ? namespace : '')
  return object
}

/** Upstream converts the merged tree to the kind's type, and says so when that fails. */
function converted(merged: JsonValue, schema: KindSchema): KubeObject {
  try {
    return schema.decode(merged, { fromTree: true }).object
  } catch (error) {
    if (!(error instanceof ObjectDecodeError)) throw error
    const { group, version, kind } = schema.kind
    throw unclassifiedError(
      `unable to convert unstructured object to ${group}/${version}, Kind=${kind}: ${error.detail}`,
    )
  }
}

function reportDuplicates(
  context: RequestContext,
  { fieldValidation }: ApplyOptions,
  duplicates: readonly string[],
): void {
  if (duplicates.length === 0) return
  const text = `error converting YAML to JSON: yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`
  if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${text}`)
  context.addWarning(text)
}
