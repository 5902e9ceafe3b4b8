// TaintNodesByCondition: a new node takes no pods until a controller has seen it ready.
import type { KubeObject } from '@keelson/apimachinery'
import { isPlain } from '../attributes.ts'
import type { AdmissionPlugin } from '../types.ts'

interface Node extends KubeObject {
  spec?: { taints?: { key?: string; effect?: string }[] }
}

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: ({ operation, resource, subresource }) =>
    operation === 'CREATE' && subresource === '' && isPlain(resource, 'nodes'),
  admit({ object }) {
    const node = object as Node // A write of the resource nodes, which the schema has checked.
    const taints = ((node.spec ??= {}).taints ??= [])
    if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return
    taints.push({ ...NOT_READY })
  },
}
