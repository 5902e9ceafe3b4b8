// APIService: a group and version that is served here, or by another server.
import { type KubeObject, nameIsPathSegment } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import type { Condition } from '../apps/workload-types.ts'
import { age } from '../row.ts'

interface ApiService extends KubeObject {
  spec?: { service?: { namespace?: string; name?: string; port?: number } }
  status?: { conditions?: Condition[] }
}

// The schema has checked the types of what all these functions get.
const asApiService = (object: KubeObject): ApiService => object as ApiService

export const apiServiceStrategy: KindStrategy = {
  default(object) {
    const { spec } = asApiService(object)
    if (spec?.service !== undefined) spec.service.port ??= 443
  },
  prepareForCreate(object) {
    object['status'] = {}
  },
  hasStatus: true,
  allowUnconditionalUpdate: false,
  validateName: nameIsPathSegment,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asApiService(object)
    const service = spec.service === undefined ? 'Local' : `${spec.service.namespace}/${spec.service.name}`
    const available = status.conditions?.find(({ type }) => type === 'Available')
    const state = available?.status ?? 'Unknown'
    const text = state !== 'True' && available?.reason ? `${state} (${available.reason})` : state
    return [metadata.name ?? '', service, text, age(object, now)]
  },
}
