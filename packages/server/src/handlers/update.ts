// PUT of an object, or of its status.
import { schemaFor } from '@keelson/api'
import { type KubeObject, bodyMediaType } from '@keelson/apimachinery'
import type { Handler } from '../context.ts'
import { dropDuplicateOwners } from '../registry/owner-references.ts'
import type { Registries, UpdatePart } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'
import { decodeObject } from './decode-body.ts'
import { checkObjectName } from './object-name.ts'
import { registryOf } from './registry-of.ts'
import { type FieldValidation, parseWriteOptions, writeContext } from './write-options.ts'

export function updateHandler(registries: Registries, part: UpdatePart): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const { definition } = registry
    const representation = representationOf(context, definition, 'object')
    const { name, namespace, subresource } = context.info
    const options = parseWriteOptions(context.query, 'UpdateOptions')
    const mediaType = bodyMediaType(context.headers['content-type'])
    const body = { mediaType, bytes: await context.readBody() }
    const write = writeContext(context, options, subresource)
    const decode = async (fieldValidation: FieldValidation): Promise<KubeObject> => {
      const object = await decodeObject(context, body, schemaFor(definition), fieldValidation)
      checkObjectName(object, name, definition.namespaced ? namespace : '')
      dropDuplicateOwners(object, write, 'before')
      return object
    }
    const first = await decode(options.fieldValidation)
    const { uid } = first.metadata
    // Each attempt fills and checks an object of its own. Nearly always there is one attempt.
    let unused: KubeObject | undefined = first
    const transform = (): KubeObject | Promise<KubeObject> => {
      const object = unused ?? decode('Ignore')
      unused = undefined
      return object
    }
    const result = await registry.update(namespace, name, transform, part, write, uid || undefined)
    respondIn(context, registry, representation, result, result.created ? 201 : 200)
  }
}
