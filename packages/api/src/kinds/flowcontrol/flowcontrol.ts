// Flow schemas and priority levels: whose requests wait for whose.
import type { FieldError, KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkFlowConditions } from '../../validation/flow-control.ts'
import { validateFlowSchema } from '../../validation/flow-schema.ts'
import { validatePriorityLevel } from '../../validation/priority-level.ts'
import { NONE, age } from '../row.ts'
import { keepAllMetadata } from '../status-metadata.ts'
import type { FlowSchema } from './flowcontrol-types.ts'
import type { PriorityLevel } from './priority-level-types.ts'

// The schema has checked the types of what all these functions get.
const asSchema = (object: KubeObject): FlowSchema => object as FlowSchema
const asLevel = (object: KubeObject): PriorityLevel => object as PriorityLevel

function validateStatus(next: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  checkFlowConditions(errors, asSchema(next).status?.conditions)
  return errors
}

export const flowSchemaStrategy: KindStrategy = {
  default(object) {
    const spec = (asSchema(object).spec ??= {})
    spec.matchingPrecedence ||= 1000
  },
  prepareForCreate(object) {
    object['status'] = {}
  },
  prepareForStatusUpdate: keepAllMetadata,
  validate: (object) => validateFlowSchema(asSchema(object)),
  validateStatusUpdate: validateStatus,
  hasStatus: true,
  hasGeneration: true,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asSchema(object)
    return [
      metadata.name ?? '',
      spec.priorityLevelConfiguration?.name ?? '',
      spec.matchingPrecedence ?? 0,
      spec.distinguisherMethod?.type ?? NONE,
      age(object, now),
      status.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    ]
  },
}

export const priorityLevelConfigurationStrategy: KindStrategy = {
  default(object) {
    const { limited, exempt } = (asLevel(object).spec ??= {})
    if (limited !== undefined) {
      limited.nominalConcurrencyShares ??= 30
      limited.lendablePercent ??= 0
      const queuing = limited.limitResponse?.queuing
      if (queuing !== undefined) {
        queuing.handSize ||= 8
        queuing.queues ||= 64
        queuing.queueLengthLimit ||= 50
      }
    }
    if (exempt === undefined) return
    exempt.nominalConcurrencyShares ??= 0
    exempt.lendablePercent ??= 0
  },
  prepareForCreate(object) {
    object['status'] = {}
  },
  prepareForStatusUpdate: keepAllMetadata,
  validate: (object) => validatePriorityLevel(asLevel(object)),
  validateStatusUpdate: validateStatus,
  hasStatus: true,
  hasGeneration: true,
  row(object, now) {
    const { metadata, spec = {} } = asLevel(object)
    const queuing = spec.limited?.limitResponse?.queuing
    return [
      metadata.name ?? '',
      spec.type ?? '',
      spec.limited?.nominalConcurrencyShares ?? NONE,
      queuing?.queues ?? NONE,
      queuing?.handSize ?? NONE,
      queuing?.queueLengthLimit ?? NONE,
      age(object, now),
    ]
  },
}
