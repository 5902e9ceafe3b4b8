// RuntimeClass: how containers are run on a node.
import { type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkImmutable } from '../../validation/field-checks.ts'
import { deprecatedLabelMessage } from '../core/node-labels.ts'
import { schemaErrors } from '../schema-errors.ts'
import { age } from '../row.ts'

interface RuntimeClass extends KubeObject {
  handler?: string
  scheduling?: { nodeSelector?: Record<string, string> }
}

// The schema has checked the types of what all these functions get.
const asClass = (object: KubeObject): RuntimeClass => object as RuntimeClass

export const runtimeClassStrategy: KindStrategy = {
  validateUpdate(next, old) {
    const errors = schemaErrors(next)
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
