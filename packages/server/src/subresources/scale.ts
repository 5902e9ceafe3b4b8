// Scale: the replicas of a workload, read and written as an object of its own kind. A write of it is a write of the workload.
import { type ResourceDefinition, type TableColumn, age, schemaOfKind } from '@keelson/api'
import {
  type FieldManagement,
  type GroupVersionKind,
  type KubeObject,
  type LabelSelector,
  cloneJson,
  fieldInvalid,
  invalid,
  labelSelectorFromObject,
  labelSelectorFromSet,
  managedFieldsFromScale,
  scaleManagedFields,
  trackUpdate,
} from '@keelson/apimachinery'
import type { Handler, RequestContext } from '../context.ts'
import { type ApplyTarget, appliedObject } from '../handlers/apply-body.ts'
import { readObject } from '../handlers/decode-body.ts'
import { checkObjectName } from '../handlers/object-name.ts'
import { patchedObject, readPatch } from '../handlers/patch-body.ts'
import { registryOf } from '../handlers/registry-of.ts'
import { parseWriteOptions, writeContext } from '../handlers/write-options.ts'
import type { Registries, ResourceRegistry, WriteContext } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'
import type { RepresentedResource } from '../representation/table.ts'

interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: object }
  status?: { replicas?: number }
}

interface Scale extends KubeObject {
  spec?: { replicas?: number }
  status: { replicas: number; selector?: string }
}

const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
const API_VERSION = 'autoscaling/v1'

export function getScaleHandler(registries: Registries): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const { object } = await registry.get(context.info.namespace, context.info.name)
    respondScale(context, registry, object)
  }
}

export function updateScaleHandler(registries: Registries): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const options = parseWriteOptions(context.query, 'UpdateOptions')
    const scale = await readObject(context, scaleSchema(), options.fieldValidation)
    checkObjectName(scale, context.info.name, context.info.namespace)
    const write = writeContext(context, options, 'scale')
    await writeScale(context, registry, write, (live) => tracked(live, cloneJson(scale), write), scale.metadata.uid)
  }
}

export function patchScaleHandler(registries: Registries): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const patch = await readPatch(context)
    const write = writeContext(context, patch.options, 'scale')
    const next = (live: KubeObject): KubeObject =>
      patch.type === 'application/apply-patch+yaml'
        ? appliedObject(context, patch, live, applyTarget())
        : tracked(live, patchedObject(context, patch, live, scaleSchema()), write)
    await writeScale(context, registry, write, next, undefined)
  }
}

async function writeScale(
  context: RequestContext,
  registry: ResourceRegistry,
  write: WriteContext,
  nextScale: (live: KubeObject) => KubeObject,
  uid: string | undefined,
): Promise<void> {
  const { namespace, name } = context.info
  const { object } = await registry.update(
    namespace,
    name,
    (current) => withScale(current, nextScale(managedScaleOf(current))),
    'main',
    // The fields are managed as those of the Scale.
    { ...write, fieldManager: undefined },
    uid || undefined,
  )
  respondScale(context, registry, object)
}

function tracked(live: KubeObject, next: KubeObject, { fieldManager }: WriteContext): KubeObject {
  if (fieldManager !== undefined) trackUpdate(live, next, fieldManager, management(), new Date())
  return next
}

const management = (): FieldManagement => ({
  type: scaleSchema().fieldType(),
  apiVersion: API_VERSION,
  subresource: 'scale',
  empty: { kind: SCALE.kind, apiVersion: API_VERSION, metadata: {}, spec: {}, status: { replicas: 0 } },
  filter: undefined,
  typeIn: () => undefined,
  convert: (object) => object,
})

const applyTarget = (): ApplyTarget => ({
  schema: scaleSchema(),
  management: management(),
  namespaced: true,
})

function managedScaleOf(current: KubeObject): Scale {
  const scale = scaleOf(current)
  const managedFields = scaleManagedFields(current.metadata.managedFields, current.apiVersion)
  return managedFields === undefined ? scale : { ...scale, metadata: { ...scale.metadata, managedFields } }
}

/** The workload with the replicas of a Scale. StatusError 422 in the words of Scale. */
function withScale(current: KubeObject, next: KubeObject): KubeObject {
  const { metadata, spec } = next as Scale // Decoded by the schema of Scale.
  const replicas = spec?.replicas ?? 0
  if (replicas < 0) {
    const error = fieldInvalid('spec.replicas', replicas, 'must be greater than or equal to 0')
    throw invalid(SCALE, metadata.name ?? '', [error])
  }
  const scalable = current as Scalable // A workload: its schema was checked when it was stored.
  const managedFields = managedFieldsFromScale(
    current.metadata.managedFields,
    metadata.managedFields,
    current.apiVersion,
  )
  return {
    ...scalable,
    metadata: { ...scalable.metadata, resourceVersion: metadata.resourceVersion || undefined, managedFields },
    spec: { ...scalable.spec, replicas },
  }
}

function scaleOf(object: KubeObject): Scale {
  const { metadata, spec, status } = object as Scalable // As above.
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  const selector = selectorText(spec?.selector)
  return {
    kind: SCALE.kind,
    apiVersion: API_VERSION,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // As upstream encodes it: no replicas are not told.
    spec: spec?.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status?.replicas ?? 0, ...(selector !== '' && { selector }) },
  }
}

/** Replication controllers have a set of labels, the others a label selector. */
function selectorText(selector: object | undefined): string {
  if (selector === undefined) return ''
  const isSelector = 'matchLabels' in selector || 'matchExpressions' in selector
  const parsed: LabelSelector = isSelector
    ? labelSelectorFromObject(selector)
    : labelSelectorFromSet(selector as Record<string, string>) // A replication controller's: checked by its schema.
  return parsed.toString()
}

function respondScale(context: RequestContext, { definition }: ResourceRegistry, object: KubeObject): void {
  const resource = represented(definition)
  const scale = scaleOf(object)
  const answer = { object: scale, json: Buffer.from(JSON.stringify(scale)) }
  respondIn(context, resource, representationOf(context, resource.definition, 'object'), answer, 200)
}

const column = (name: string, type: string): TableColumn => ({ name, type, format: '', description: '', priority: 0 })
const COLUMNS = [
  column('Name', 'string'),
  column('Desired', 'integer'),
  column('Available', 'integer'),
  column('Age', 'string'),
]

const represented = (definition: ResourceDefinition): RepresentedResource => ({
  definition: { ...definition, ...SCALE, columns: COLUMNS },
  strategy: {
    row(object, now) {
      const { metadata, spec, status } = object as Scale // Made by scaleOf.
      return [metadata.name ?? '', spec?.replicas ?? 0, status.replicas, age(object, now)]
    },
  },
})

function scaleSchema(): NonNullable<ReturnType<typeof schemaOfKind>> {
  const schema = schemaOfKind(SCALE)
  if (schema === undefined) throw new Error('the schema of Scale is missing')
  return schema
}
