// PodResizeValidator: a pod that is on a node may ask for what the node has, and no more.
import { type Pod, aggregateResources } from '@keelson/api'
import { type KubeObject, Quantity, parseQuantity } from '@keelson/apimachinery'
import { isPlain, podOf } from '../attributes.ts'
import { forbid } from '../forbid.ts'
import type { AdmissionPlugin } from '../types.ts'

interface Node extends KubeObject {
  status?: { allocatable?: Record<string, string> }
}

const OS_LABEL = 'kubernetes.io/os'
const NONE = new Quantity(0n, 'DecimalSI')

export const podResizeValidator: AdmissionPlugin = {
  name: 'PodResizeValidator',
  handles: ({ operation, resource, subresource }) =>
    operation === 'UPDATE' && subresource === 'resize' && isPlain(resource, 'pods'),
  validate(attributes, reader) {
    const pod = podOf(attributes)
    const nodeName = pod?.spec.nodeName
    if (pod === undefined || !nodeName) return
    // The generation grows with the spec.
    if (pod.metadata.generation === attributes.oldObject?.metadata.generation) return
    const node = reader.get('', 'nodes', '', nodeName) as Node | undefined // Of this kind.
    if (node === undefined) throw forbid(attributes, `node ${JSON.stringify(nodeName)} not found`)
    const system = node.metadata.labels?.[OS_LABEL]
    if (system !== undefined && system !== 'linux') {
      const why = `pod resize is only supported on linux nodes, node ${JSON.stringify(nodeName)} is ${JSON.stringify(system)}`
      throw forbid(attributes, why, { reason: 'UnsupportedPlatform' })
    }
    const lacks = lackOf(pod, node.status?.allocatable ?? {})
    if (lacks.length === 0) return
    const why = `node didn't have enough allocatable resources: ${lacks.join('; ')}`
    throw forbid(attributes, why, { reason: 'NodeCapacity' })
  },
}

function lackOf(pod: Pod, allocatable: Readonly<Record<string, string>>): string[] {
  const lacks: string[] = []
  const ofContainers = aggregateResources(pod.spec, 'requests')
  for (const name of ['cpu', 'memory'] as const) {
    // What is said of the pod as a whole goes before what its containers say.
    const whole = pod.spec.resources?.requests?.[name]
    const asked = whole === undefined ? (ofContainers.get(name) ?? NONE) : parseQuantity(whole)
    const wanted = asked.add(parseQuantity(pod.spec.overhead?.[name] ?? '0'))
    const has = parseQuantity(allocatable[name] ?? '0')
    if (wanted.compare(has) <= 0) continue
    const shown = (amount: Quantity): bigint => (name === 'cpu' ? amount.milliValue() : amount.value())
    lacks.push(`${name}, requested: ${shown(wanted)}, allocatable: ${shown(has)}`)
  }
  return lacks
}
