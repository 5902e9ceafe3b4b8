// pods/NAME/ephemeralcontainers and pods/NAME/resize: writes of one part of a pod, by rules of its own. Nothing else changes.
import { type PodPart, podParts, schemaFor } from '@keelson/api'
import { type KubeObject, invalid } from '@keelson/apimachinery'
import type { Handler, RequestContext } from '../context.ts'
import { type ApplyPatch, appliedObject, applyTargetOf } from '../handlers/apply-body.ts'
import { readObject } from '../handlers/decode-body.ts'
import { checkObjectName } from '../handlers/object-name.ts'
import { patchedObject, readPatch } from '../handlers/patch-body.ts'
import { registryOf } from '../handlers/registry-of.ts'
import { parseWriteOptions, writeContext } from '../handlers/write-options.ts'
import type { Registries, ResourceRegistry, UpdateTransform, WriteContext } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'

type Subresource = keyof typeof podParts

export function updatePodPartHandler(registries: Registries, subresource: Subresource): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const options = parseWriteOptions(context.query, 'UpdateOptions')
    const pod = await readObject(context, schemaFor(registry.definition), options.fieldValidation)
    checkObjectName(pod, context.info.name, context.info.namespace)
    const writeOf = writeContext(context, options, subresource)
    await write(context, registry, subresource, writeOf, () => pod, pod.metadata.uid)
  }
}

export function patchPodPartHandler(registries: Registries, subresource: Subresource): Handler {
  return async (context) => {
    const patch = await readPatch(context)
    const registry = registryOf(registries, context)
    const writeOf = writeContext(context, patch.options, subresource)
    if (patch.type === 'application/apply-patch+yaml') return apply(context, registry, subresource, writeOf, patch)
    const schema = schemaFor(registry.definition)
    const patched = (current: KubeObject): KubeObject => patchedObject(context, patch, current, schema)
    await write(context, registry, subresource, writeOf, patched, undefined)
  }
}

async function apply(
  context: RequestContext,
  registry: ResourceRegistry,
  subresource: Subresource,
  writeOf: WriteContext,
  patch: ApplyPatch,
): Promise<void> {
  const { namespace, name } = context.info
  const representation = representationOf(context, registry.definition, 'object')
  const transform = (live: KubeObject): KubeObject =>
    merged(podParts[subresource], live, appliedObject(context, patch, live, applyTargetOf(registry, subresource)))
  const result = await registry.apply(namespace, name, transform, 'raw', writeOf)
  respondIn(context, registry, representation, result, 200)
}

async function write(
  context: RequestContext,
  registry: ResourceRegistry,
  subresource: Subresource,
  writeOf: WriteContext,
  asked: UpdateTransform,
  uid: string | undefined,
): Promise<void> {
  const { namespace, name } = context.info
  const representation = representationOf(context, registry.definition, 'object')
  const transform = async (current: KubeObject): Promise<KubeObject> =>
    merged(podParts[subresource], current, await asked(current))
  const result = await registry.update(namespace, name, transform, 'raw', writeOf, uid || undefined)
  respondIn(context, registry, representation, result, 200)
}

/** StatusError 422 for what may not change. */
function merged(part: PodPart, current: KubeObject, asked: KubeObject): KubeObject {
  const next = part.merge(asked, current)
  const errors = part.validate(next, current)
  if (errors.length > 0) throw invalid({ group: '', kind: 'Pod' }, current.metadata.name ?? '', errors)
  return next
}
