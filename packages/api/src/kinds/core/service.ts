// Service: a stable name and address for pods.
import type { JsonValue, KubeObject } from '@keelson/apimachinery'
import { nameIsDNSLabel } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { NONE, UNKNOWN, age, formatLabels } from '../row.ts'
import {
  defaultService,
  dropTypeDependentFields,
  keepAllocatedValues,
  linkClusterIPs,
  relinkClusterIPs,
} from './service-defaults.ts'
import type { Service } from './service-types.ts'
import { validateService, validateServiceStatus, validateServiceUpdate } from './service-validation.ts'
import { warningsForService, warningsForServiceStatus } from './service-warnings.ts'

// The schema has checked the types of what all these functions get.
const asService = (object: KubeObject): Service => object as Service

export const serviceStrategy: KindStrategy = {
  default: (object) => defaultService(asService(object)),
  prepareForCreate(object) {
    object['status'] = { loadBalancer: {} }
    linkClusterIPs(asService(object).spec)
  },
  prepareForUpdate(next, old) {
    const service = asService(next)
    const before = asService(old)
    keepAllocatedValues(service.spec, before.spec)
    relinkClusterIPs(service.spec, before.spec)
    dropTypeDependentFields(service, before)
  },
  validate: (object) => validateService(asService(object), undefined),
  validateUpdate: (next, old) => validateServiceUpdate(asService(next), asService(old)),
  validateStatusUpdate: (next, old) => validateServiceStatus(asService(next), asService(old)),
  warnings: (next) => [...warningsForService(asService(next)), ...warningsForServiceStatus(asService(next))],
  hasStatus: true,
  allowCreateOnUpdate: true,
  validateName: nameIsDNSLabel,
  selectable: ['spec.clusterIP', 'spec.type'],
  selectableFields(object) {
    const { spec } = asService(object)
    return { 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }
  },
  row: (object, now) => serviceRow(asService(object), now),
}

function serviceRow(service: Service, now: Date): JsonValue[] {
  const { spec } = service
  const type = spec.type ?? ''
  return [
    service.metadata.name ?? '',
    type,
    spec.clusterIPs?.[0] || NONE,
    externalAddress(service),
    portsText(service) || NONE,
    age(service, now),
    formatLabels(spec.selector),
  ]
}

/** Where clients outside reach it; a load balancer that is still being made is `<pending>`. */
function externalAddress({ spec, status }: Service): string {
  const addresses = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return addresses.length > 0 ? addresses.join(',') : NONE
    case 'LoadBalancer': {
      const balancer = loadBalancerText(status?.loadBalancer?.ingress ?? [])
      if (addresses.length > 0) return [...(balancer === '' ? [] : balancer.split(',')), ...addresses].join(',')
      return balancer === '' ? '<pending>' : balancer
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return UNKNOWN
  }
}

function loadBalancerText(ingress: readonly { ip?: string; hostname?: string }[]): string {
  return [...new Set(ingress.map(({ ip, hostname }) => ip || hostname || '').filter((text) => text !== ''))]
    .toSorted()
    .join(',')
}

const portsText = ({ spec }: Service): string =>
  (spec.ports ?? [])
    .map(({ port, nodePort, protocol }) => (nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`))
    .join(',')
