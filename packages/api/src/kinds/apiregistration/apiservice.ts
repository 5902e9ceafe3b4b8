// APIService: a group and version that is served here, or by another server.
import { type KubeObject, nameIsPathSegment } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { apiServiceNameRule, validateApiService, validateApiServiceStatus } from '../../validation/api-service.ts'
import type { Condition } from '../apps/workload-types.ts'
import { age } from '../row.ts'
import { keepMetadata } from '../status-metadata.ts'

export interface ApiService extends KubeObject {
  spec?: {
    group?: string
    version?: string
    groupPriorityMinimum?: number
    versionPriority?: number
    service?: { namespace?: string; name?: string; port?: number }
    /** Base64. */
    caBundle?: string
    insecureSkipTLSVerify?: boolean
  }
  status?: { conditions?: Condition[] }
}

// The schema has checked the types of what all these functions get.
const asApiService = (object: KubeObject): ApiService => object as ApiService

export const apiServiceStrategy: KindStrategy = {
  default(object) {
    const { spec } = asApiService(object)
    if (spec?.service !== undefined) spec.service.port ??= 443
  },
  /** What is served here is available from the start. */
  prepareForCreate(object, { now }) {
    const condition = {
      type: 'Available',
      status: 'True',
      lastTransitionTime: `${now.toISOString().slice(0, 19)}Z`,
      reason: 'Local',
      message: 'Local APIServices are always available',
    }
    object['status'] = asApiService(object).spec?.service === undefined ? { conditions: [condition] } : {}
  },
  prepareForStatusUpdate: keepMetadata,
  nameRuleFor: (object) => apiServiceNameRule(asApiService(object)),
  validate: (object) => validateApiService(asApiService(object)),
  validateStatusUpdate: (next) => validateApiServiceStatus(asApiService(next)),
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
