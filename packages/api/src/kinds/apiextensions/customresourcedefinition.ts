// CustomResourceDefinition: what is stored of it; serving custom resources is another part of the server.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'

interface CustomResourceDefinition extends KubeObject {
  spec?: {
    names?: { kind?: string; singular?: string; listKind?: string }
    versions?: { name?: string; storage?: boolean }[] | null
    conversion?: { strategy?: string; webhook?: { clientConfig?: { service?: { port?: number } } } }
  }
  status?: { storedVersions?: string[] }
}

// The schema has checked the types of what all these functions get.
const asDefinition = (object: KubeObject): CustomResourceDefinition => object as CustomResourceDefinition

export const customResourceDefinitionStrategy: KindStrategy = {
  default(object) {
    const spec = (asDefinition(object).spec ??= {})
    const { names = {} } = spec
    if (names.kind) {
      names.singular ||= names.kind.toLowerCase()
      names.listKind ||= `${names.kind}List`
    }
    spec.conversion ??= { strategy: 'None' }
    const service = spec.conversion.webhook?.clientConfig?.service
    if (service !== undefined) service.port ??= 443
  },
  prepareForCreate(object) {
    const stored = (asDefinition(object).spec?.versions ?? []).filter(({ storage }) => storage === true)
    object['status'] = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored.map(({ name = '' }) => name),
    }
  },
  /** A version that becomes the stored one is remembered: objects may still be stored in the others. */
  prepareForUpdate(next) {
    const stored = asDefinition(next).spec?.versions?.find(({ storage }) => storage === true)?.name
    const status = asDefinition(next).status
    if (stored === undefined || status === undefined || status.storedVersions?.includes(stored)) return
    next['status'] = { ...status, storedVersions: [...(status.storedVersions ?? []), stored] }
  },
  hasStatus: true,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
}
