// Binding: gives a pod its node. POST to pods/NAME/binding, or to the older collection `bindings`.
import { schemaOfKind } from '@keelson/api'
import {
  type GroupResource,
  type KubeObject,
  StatusError,
  badRequest,
  conflict,
  fieldErrorText,
  fieldNotSupported,
  fieldRequired,
} from '@keelson/apimachinery'
import type { Handler } from '../context.ts'
import { readObject } from '../handlers/decode-body.ts'
import { parseWriteOptions, untrackedContext } from '../handlers/write-options.ts'
import type { Registries } from '../registry/types.ts'
import { respondStatus } from '../representation/status.ts'
import { type PodCondition, withTrueCondition } from './pod-condition.ts'

interface Binding extends KubeObject {
  target?: { kind?: string; name?: string }
}

interface Pod extends KubeObject {
  spec: { nodeName?: string; schedulingGates?: unknown[] }
  status?: { conditions?: PodCondition[]; nominatedNodeName?: string }
}

const PODS: GroupResource = { group: '', resource: 'pods' }
const POD_BINDING: GroupResource = { group: '', resource: 'pods/binding' }

export function bindHandler(registries: Registries): Handler {
  return async (context) => {
    const { namespace, name } = context.info
    const pods = registries.find(PODS.group, PODS.resource)
    const schema = schemaOfKind({ group: '', version: 'v1', kind: 'Binding' })
    if (pods === undefined || schema === undefined) throw new Error('pods cannot be bound without their registry')
    const options = parseWriteOptions(context.query, 'CreateOptions')
    const binding = (await readObject(context, schema, options.fieldValidation)) as Binding // The schema's kind.
    const podName = name === '' ? (binding.metadata.name ?? '') : name
    const node = targetOf(binding, podName, namespace)
    const { uid, resourceVersion } = binding.metadata
    const write = untrackedContext(context, options.dryRun, 'binding')
    const bind = (current: KubeObject): KubeObject => {
      if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) {
        const why = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${current.metadata.resourceVersion}`
        throw conflict(PODS, podName, why)
      }
      return boundPod(current, node, binding, new Date())
    }
    await pods.update(namespace, podName, bind, 'raw', write, uid || undefined)
    respondStatus(context, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
  }
}

/** The node's name. Upstream answers 500 to what it does not allow here. */
function targetOf(binding: Binding, podName: string, namespace: string): string {
  if (binding.metadata.namespace && binding.metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if (binding.metadata.name !== podName) throw badRequest('name in URL does not match name in Binding object')
  const { kind = '', name = '' } = binding.target ?? {}
  const errors = []
  if (kind !== '' && kind !== 'Node') errors.push(fieldNotSupported('target.kind', kind, ['Node', '<empty>']))
  if (name === '') errors.push(fieldRequired('target.name', ''))
  const texts = errors.map(fieldErrorText)
  if (texts.length === 1) throw new StatusError(500, '', texts.join())
  if (texts.length > 1) throw new StatusError(500, '', `[${texts.join(', ')}]`)
  return name
}

function boundPod(current: KubeObject, nodeName: string, binding: Binding, now: Date): KubeObject {
  const pod = current as Pod // The registry holds pods only.
  const refuse = (why: string): never => {
    throw conflict(POD_BINDING, pod.metadata.name ?? '', why)
  }
  const { name } = pod.metadata
  if (pod.metadata.deletionTimestamp) refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  if (pod.spec.nodeName) refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`)
  if (pod.spec.schedulingGates?.length) refuse(`pod ${name} has non-empty .spec.schedulingGates`)
  const { nominatedNodeName: _cleared, ...status } = pod.status ?? {}
  const metadata = { ...pod.metadata }
  if (binding.metadata.annotations) metadata.annotations = { ...metadata.annotations, ...binding.metadata.annotations }
  if (binding.metadata.labels) metadata.labels = { ...metadata.labels, ...binding.metadata.labels }
  return {
    ...pod,
    metadata,
    spec: { ...pod.spec, nodeName },
    status: { ...status, conditions: withTrueCondition(status.conditions ?? [], { type: 'PodScheduled' }, now) },
  }
}
