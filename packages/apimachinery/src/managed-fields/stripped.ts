// Fields that nobody manages: what an object is, and what the server alone writes.
import { type FieldSet, LEAF, difference } from '../structured-merge/field-set.ts'

const STRIPPED: FieldSet = {
  'f:apiVersion': LEAF,
  'f:kind': LEAF,
  'f:metadata': {
    '.': LEAF,
    'f:name': LEAF,
    'f:namespace': LEAF,
    'f:creationTimestamp': LEAF,
    'f:selfLink': LEAF,
    'f:uid': LEAF,
    'f:clusterName': LEAF,
    'f:generation': LEAF,
    'f:managedFields': LEAF,
    'f:resourceVersion': LEAF,
  },
}

export const withoutStripped = (set: FieldSet): FieldSet => difference(set, STRIPPED)
