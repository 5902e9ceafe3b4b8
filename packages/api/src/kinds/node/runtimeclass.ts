// RuntimeClass: how containers are run on a node.
import {
  type FieldError,
  type KubeObject,
  fieldDuplicate,
  fieldRequired,
  isDNS1123Label,
  rootPath,
} from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../../metadata/update-checks.ts'
import type { KindStrategy } from '../../resource.ts'
import { checkImmutable, checkName } from '../../validation/field-checks.ts'
import { internalForm } from '../../validation/internal-form.ts'
import { checkLabels } from '../../validation/labels.ts'
import { checkContainerResourceName, checkResources } from '../../validation/resources.ts'
import { checkTolerations } from '../../validation/tolerations.ts'
import { deprecatedLabelMessage } from '../core/node-labels.ts'
import type { ResourceList, Toleration } from '../core/pod-types.ts'
import { age } from '../row.ts'

interface RuntimeClass extends KubeObject {
  handler?: string
  overhead?: { podFixed?: ResourceList }
  scheduling?: { nodeSelector?: Record<string, string>; tolerations?: Toleration[] }
}

// The schema has checked the types of what all these functions get.
const asClass = (object: KubeObject): RuntimeClass => object as RuntimeClass

export const runtimeClassStrategy: KindStrategy = {
  validate: (object) => validateRuntimeClass(asClass(object)),
  validateUpdate(next, old) {
    const errors = [...validateRuntimeClass(asClass(next)), METADATA_CHECKED.change]
    checkImmutable(errors, asClass(next).handler, asClass(old).handler, rootPath.child('handler'))
    return errors
  },
  warnings: (next) =>
    Object.keys(asClass(next).scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const message = deprecatedLabelMessage(key)
      return message === undefined ? [] : [`scheduling.nodeSelector: ${message}`]
    }),
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  row: (object, now) => [object.metadata.name ?? '', asClass(object).handler ?? '', age(object, now)],
}

function validateRuntimeClass({ handler = '', overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors: FieldError[] = []
  if (handler === '') errors.push(fieldRequired('handler', ''))
  else checkName(errors, rootPath.child('handler'), handler, isDNS1123Label)
  // Upstream looks at the overhead as at the limits of a container.
  if (overhead?.podFixed !== undefined)
    checkResources(errors, { limits: overhead.podFixed }, rootPath.child('overhead'), checkContainerResourceName, [])
  if (scheduling?.nodeSelector !== undefined)
    checkLabels(errors, scheduling.nodeSelector, rootPath.child('scheduling', 'nodeSelector'))
  const tolerations = scheduling?.tolerations ?? []
  const path = rootPath.child('scheduling', 'tolerations')
  checkTolerations(errors, tolerations, path)
  const seen = new Set<string>()
  for (const [index, toleration] of tolerations.entries()) {
    const { key = '', operator = '', value = '', effect = '' } = toleration
    const listKey = JSON.stringify([key, operator, value, effect])
    if (seen.has(listKey)) errors.push(fieldDuplicate(path.index(index), internalForm('Toleration', toleration)))
    seen.add(listKey)
  }
  return errors
}
