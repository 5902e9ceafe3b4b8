// LimitRange and ResourceQuota: how much each, and all together, may ask for in a namespace.
import { randomUUID } from 'node:crypto'
import type { JsonValue } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import {
  validateLimitRange,
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from '../../validation/quota.ts'
import { age } from '../row.ts'
import { roundUpAmounts } from './resource-amounts.ts'
import type { LimitRange, ResourceQuota } from './quota-types.ts'

export const limitRangeStrategy: KindStrategy = {
  prepareForCreate({ metadata }) {
    metadata.name ||= randomUUID()
  },
  /** For containers the limits fill each other: the most is the default, and what is the default is requested. */
  default(object) {
    const { spec = {} } = object as LimitRange // The schema has checked the types.
    for (const limit of spec.limits ?? []) {
      for (const list of [limit.max, limit.min, limit.default, limit.defaultRequest, limit.maxLimitRequestRatio])
        roundUpAmounts(list)
      if (limit.type !== 'Container') continue
      const standard = { ...limit.max, ...limit.default }
      const request = { ...limit.min, ...standard, ...limit.defaultRequest }
      if (Object.keys(standard).length > 0) limit.default = standard
      if (Object.keys(request).length > 0) limit.defaultRequest = request
    }
  },
  validate: (object) => validateLimitRange(object as LimitRange), // As above.
  allowCreateOnUpdate: true,
}

export const resourceQuotaStrategy: KindStrategy = {
  default(object) {
    const { spec, status } = object as ResourceQuota // The schema has checked the types.
    for (const list of [spec?.hard, status?.hard, status?.used]) roundUpAmounts(list)
  },
  prepareForCreate(object) {
    object['status'] = {}
  },
  // As above.
  validate: (object) => validateResourceQuota(object as ResourceQuota),
  validateUpdate: (next, old) => validateResourceQuotaUpdate(next as ResourceQuota, old as ResourceQuota),
  validateStatusUpdate: (next) => validateResourceQuotaStatus(next as ResourceQuota),
  hasStatus: true,
  row: (object, now) => quotaRow(object as ResourceQuota, now), // As above.
}

function quotaRow({ metadata, status = {}, ...quota }: ResourceQuota, now: Date): JsonValue[] {
  const cells = { requests: [] as string[], limits: [] as string[] }
  for (const [name, hard] of Object.entries(status.hard ?? {}).toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    cells[name.startsWith('limits.') ? 'limits' : 'requests'].push(`${name}: ${status.used?.[name] ?? '0'}/${hard}`)
  }
  return [metadata.name ?? '', cells.requests.join(', '), cells.limits.join(', '), age({ ...quota, metadata }, now)]
}
