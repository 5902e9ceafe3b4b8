// Admission around one write: mutating plugins in order before validation, validating ones after it.
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '@keelson/admission'
import type { ResourceDefinition } from '@keelson/api'
import type { KubeObject } from '@keelson/apimachinery'
import type { WriteContext } from './types.ts'

export type AdmissionOperation = AdmissionAttributes['operation']

export class Admission {
  readonly #plugins: readonly AdmissionPlugin[]
  readonly #reader: AdmissionReader

  constructor(plugins: readonly AdmissionPlugin[], reader: AdmissionReader) {
    this.#plugins = plugins
    this.#reader = reader
  }

  /** Plugins may change `attributes.object` in place. A refusal is thrown. */
  async mutate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#plugins) {
      if (plugin.admit === undefined || !plugin.handles(attributes)) continue
      const pending = plugin.admit(attributes, this.#reader)
      if (pending !== undefined) await pending
    }
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#plugins) {
      if (plugin.validate === undefined || !plugin.handles(attributes)) continue
      const pending = plugin.validate(attributes, this.#reader)
      if (pending !== undefined) await pending
    }
  }
}

export function admissionAttributes(
  operation: AdmissionOperation,
  resource: ResourceDefinition,
  where: { readonly namespace: string; readonly name: string },
  objects: { readonly object?: KubeObject; readonly oldObject?: KubeObject },
  context: WriteContext,
): AdmissionAttributes {
  return {
    operation,
    resource,
    subresource: context.subresource ?? '',
    namespace: where.namespace,
    name: where.name,
    object: objects.object,
    oldObject: objects.oldObject,
    user: context.user,
    dryRun: context.dryRun,
    addWarning: (text) => context.addWarning(text),
  }
}
