// PATCH of an object, or of its status. The patch is applied again to a newer object after a lost race.
import { schemaFor } from '@keelson/api'
import { type KubeObject, conflict, notFound } from '@keelson/apimachinery'
import type { Handler, RequestContext } from '../context.ts'
import type { Registries, ResourceRegistry, UpdatePart } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'
import { type ApplyPatch, appliedObject, applyTargetOf } from './apply-body.ts'
import { patchedObject, readPatch } from './patch-body.ts'
import { registryOf } from './registry-of.ts'
import { writeContext } from './write-options.ts'

export function patchHandler(registries: Registries, part: UpdatePart): Handler {
  return async (context) => {
    const patch = await readPatch(context)
    const registry = registryOf(registries, context)
    const { definition } = registry
    const representation = representationOf(context, definition, 'object')
    const { name, namespace, subresource } = context.info
    const write = writeContext(context, patch.options, subresource)
    const schema = schemaFor(definition)
    const result =
      patch.type === 'application/apply-patch+yaml'
        ? await registry.apply(namespace, name, (live) => appliedTo(context, patch, live, registry), part, write)
        : await registry.update(
            namespace,
            name,
            (current) => {
              if (!current.metadata.uid) throw notFound(definition, name)
              return patchedObject(context, patch, current, schema)
            },
            part,
            write,
          )
    respondIn(context, registry, representation, result, result.created ? 201 : 200)
  }
}

function appliedTo(
  context: RequestContext,
  patch: ApplyPatch,
  live: KubeObject,
  registry: ResourceRegistry,
): KubeObject {
  const { definition } = registry
  const { name, subresource } = context.info
  const object = appliedObject(context, patch, live, applyTargetOf(registry, subresource))
  const { uid } = object.metadata
  if (uid && !live.metadata.uid) {
    throw conflict(
      definition,
      name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  }
  return object
}
