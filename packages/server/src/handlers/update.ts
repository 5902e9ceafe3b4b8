// PUT of an object, or of its status.
import { cloneDecoded, schemaFor } from '@keelson/api'
import type { Handler } from '../context.ts'
import { dropDuplicateOwners } from '../registry/owner-references.ts'
import type { Registries, UpdatePart } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'
import { readObject } from './decode-body.ts'
import { checkObjectName } from './object-name.ts'
import { registryOf } from './registry-of.ts'
import { parseWriteOptions, writeContext } from './write-options.ts'

export function updateHandler(registries: Registries, part: UpdatePart): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const representation = representationOf(context, registry.definition, 'object')
    const { name, namespace, subresource } = context.info
    const options = parseWriteOptions(context.query, 'UpdateOptions')
    const object = await readObject(context, schemaFor(registry.definition), options.fieldValidation)
    checkObjectName(object, name, registry.definition.namespaced ? namespace : '')
    const write = writeContext(context, options, subresource)
    dropDuplicateOwners(object, write, 'before')
    // Each attempt fills and checks an object of its own.
    const transform = (): typeof object => cloneDecoded(object)
    const result = await registry.update(namespace, name, transform, part, write, object.metadata.uid || undefined)
    respondIn(context, registry, representation, result, result.created ? 201 : 200)
  }
}
