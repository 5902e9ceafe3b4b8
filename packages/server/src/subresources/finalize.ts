// namespaces/NAME/finalize: the only way to take finalizers off spec.finalizers. Taking off the last one ends the namespace.
import { schemaFor, validateNamespaceFinalize } from '@keelson/api'
import { type KubeObject, invalid, cloneJson } from '@keelson/apimachinery'
import type { Handler } from '../context.ts'
import { readObject } from '../handlers/decode-body.ts'
import { checkObjectName } from '../handlers/object-name.ts'
import { registryOf } from '../handlers/registry-of.ts'
import { parseWriteOptions, writeContext } from '../handlers/write-options.ts'
import type { Registries } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn } from '../representation/respond-object.ts'

export function finalizeHandler(registries: Registries): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const representation = representationOf(context, registry.definition, 'object')
    const { name } = context.info
    const options = parseWriteOptions(context.query, 'UpdateOptions')
    const namespace = await readObject(context, schemaFor(registry.definition), options.fieldValidation)
    checkObjectName(namespace, name, '')
    const finalized = (current: KubeObject): KubeObject => {
      const next = cloneJson(namespace)
      next['status'] = current['status']
      const errors = validateNamespaceFinalize(next)
      if (errors.length > 0) throw invalid({ group: '', kind: 'Namespace' }, name, errors)
      return next
    }
    const write = writeContext(context, options, 'finalize')
    const result = await registry.update('', name, finalized, 'raw', write, namespace.metadata.uid || undefined)
    respondIn(context, registry, representation, result, 200)
  }
}
