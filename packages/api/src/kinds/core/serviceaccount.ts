// ServiceAccount: no rules beyond its metadata.
import type { KindStrategy } from '../../resource.ts'
import { age } from '../row.ts'

export const serviceAccountStrategy: KindStrategy = {
  row: (object, now) => [object.metadata.name ?? '', age(object, now)],
}
