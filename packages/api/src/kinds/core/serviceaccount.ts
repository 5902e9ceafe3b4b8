// ServiceAccount: no rules beyond its metadata.
import type { JsonValue, KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { age } from '../row.ts'

interface ServiceAccount extends KubeObject {
  secrets?: JsonValue[]
}

export const serviceAccountStrategy: KindStrategy = {
  row(object, now) {
    const { secrets } = object as ServiceAccount // The schema has checked the types.
    return [object.metadata.name ?? '', secrets?.length ?? 0, age(object, now)]
  },
}
