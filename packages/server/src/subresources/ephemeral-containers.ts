// pods/NAME/ephemeralcontainers: adds containers to a pod that runs (`kubectl debug`). Nothing else of the pod changes, and
// what was added stays as it is.
import { type KindSchema, schemaFor } from '@keelson/api'
import { type FieldError, type KubeObject, fieldForbidden, invalid } from '@keelson/apimachinery'
import type { Handler, RequestContext } from '../context.ts'
import { readObject } from '../handlers/decode-body.ts'
import { checkObjectName } from '../handlers/object-name.ts'
import { type ApplyPatch, appliedObject, applyTargetOf } from '../handlers/apply-body.ts'
import { patchedObject, readPatch } from '../handlers/patch-body.ts'
import { registryOf } from '../handlers/registry-of.ts'
import { parseWriteOptions, writeContext } from '../handlers/write-options.ts'
import { equalTrees } from '../registry/json-tree.ts'
import type { Registries, ResourceRegistry, UpdateTransform, WriteContext } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'

const SUBRESOURCE = 'ephemeralcontainers'
const PATH = 'spec.ephemeralContainers'
/** Of a pod that a kubelet runs from a file: nobody would start its containers. */
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'

interface Pod extends KubeObject {
  spec?: { ephemeralContainers?: { name: string }[] }
}

export function updateEphemeralContainersHandler(registries: Registries): Handler {
  return async (context) => {
    const { registry, schema } = podsOf(registries, context)
    const options = parseWriteOptions(context.query, 'UpdateOptions')
    const pod = await readObject(context, schema, options.fieldValidation)
    checkObjectName(pod, context.info.name, context.info.namespace)
    await write(context, registry, writeContext(context, options, SUBRESOURCE), () => pod, pod.metadata.uid)
  }
}

export function patchEphemeralContainersHandler(registries: Registries): Handler {
  return async (context) => {
    const patch = await readPatch(context)
    const { registry, schema } = podsOf(registries, context)
    const writeOf = writeContext(context, patch.options, SUBRESOURCE)
    if (patch.type === 'application/apply-patch+yaml') return applyContainers(context, registry, writeOf, patch)
    const patched = (current: KubeObject): KubeObject => patchedObject(context, patch, current, schema)
    await write(context, registry, writeOf, patched, undefined)
  }
}

async function applyContainers(
  context: RequestContext,
  registry: ResourceRegistry,
  writeOf: WriteContext,
  patch: ApplyPatch,
): Promise<void> {
  const { namespace, name } = context.info
  const representation = representationOf(context, registry.definition, 'object')
  const transform = (live: KubeObject): KubeObject => {
    const asked = appliedObject(context, patch, live, applyTargetOf(registry, SUBRESOURCE))
    const next = withContainersOf(registry, live, asked)
    return { ...next, metadata: { ...next.metadata, managedFields: asked.metadata.managedFields } }
  }
  const result = await registry.apply(namespace, name, transform, 'raw', writeOf)
  respondIn(context, registry, representation, result, 200)
}

function podsOf(registries: Registries, context: RequestContext): { registry: ResourceRegistry; schema: KindSchema } {
  const registry = registryOf(registries, context)
  return { registry, schema: schemaFor(registry.definition) }
}

async function write(
  context: RequestContext,
  registry: ResourceRegistry,
  writeOf: WriteContext,
  asked: UpdateTransform,
  uid: string | undefined,
): Promise<void> {
  const { namespace, name } = context.info
  const representation = representationOf(context, registry.definition, 'object')
  const transform = async (current: KubeObject): Promise<KubeObject> =>
    withContainersOf(registry, current, await asked(current))
  const result = await registry.update(namespace, name, transform, 'raw', writeOf, uid || undefined)
  respondIn(context, registry, representation, result, 200)
}

function withContainersOf({ strategy }: ResourceRegistry, current: KubeObject, asked: KubeObject): KubeObject {
  const old = current as Pod // The registry holds pods.
  const { ephemeralContainers } = (asked as Pod).spec ?? {} // Decoded by the schema of pods.
  const { resourceVersion } = asked.metadata
  const next: Pod = {
    ...old,
    metadata: { ...old.metadata, resourceVersion: resourceVersion || undefined },
    // A copy: it is given defaults in place.
    spec: {
      ...old.spec,
      ...(ephemeralContainers !== undefined && { ephemeralContainers: structuredClone(ephemeralContainers) }),
    },
  }
  if (ephemeralContainers === undefined) delete next.spec?.ephemeralContainers
  strategy.default?.(next)
  // The rules of a new pod, as far as they are about single ephemeral containers: a new pod may have none at all.
  const ofContainers = (strategy.validate?.(next) ?? []).filter(({ field }) => field.startsWith(`${PATH}[`))
  const errors = [...validateChange(next, old), ...ofContainers]
  if (errors.length > 0) throw invalid({ group: '', kind: 'Pod' }, old.metadata.name ?? '', errors)
  if (!equalTrees(next.spec, old.spec)) next.metadata.generation = (old.metadata.generation ?? 0) + 1
  return next
}

function validateChange(next: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) {
    return [fieldForbidden('', 'static pods do not support ephemeral containers')]
  }
  const errors: FieldError[] = []
  for (const container of old.spec?.ephemeralContainers ?? []) {
    const kept = next.spec?.ephemeralContainers?.find(({ name }) => name === container.name)
    const name = JSON.stringify(container.name)
    if (kept === undefined)
      errors.push(fieldForbidden(PATH, `existing ephemeral containers ${name} may not be removed\n`))
    else if (!equalTrees(kept, container)) {
      errors.push(fieldForbidden(PATH, `existing ephemeral containers ${name} may not be changed\n`))
    }
  }
  return errors
}
