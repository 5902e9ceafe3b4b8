// GET of a subresource that shows the whole object: status.
import type { Handler } from '../context.ts'
import { registryOf } from '../handlers/registry-of.ts'
import type { Registries } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'

export function getObjectHandler(registries: Registries): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const representation = representationOf(context, registry.definition, 'object')
    const stored = await registry.get(context.info.namespace, context.info.name)
    respondIn(context, registry, representation, stored, 200)
  }
}
