// POST to a collection.
import { schemaFor } from '@keelson/api'
import type { Handler } from '../context.ts'
import { registryOf } from './registry-of.ts'
import type { Registries } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'
import { readObject } from './decode-body.ts'
import { parseWriteOptions, writeContext } from './write-options.ts'

export function createHandler(registries: Registries): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const representation = representationOf(context, registry.definition, 'object')
    const options = parseWriteOptions(context.query, 'CreateOptions')
    const object = await readObject(context, schemaFor(registry.definition), options.fieldValidation)
    const result = await registry.create(context.info.namespace, object, writeContext(context, options))
    respondIn(context, registry, representation, result, 201)
  }
}
