// pods/NAME/log, as far as the API server answers it alone: a pod without a node has no log yet, and what cannot be meant is
// refused. Nodes themselves are not asked: 501.
import { type KubeObject, badRequest, notFound } from '@keelson/apimachinery'
import type { Handler } from '../context.ts'
import { registryOf } from '../handlers/registry-of.ts'
import type { Registries } from '../registry/types.ts'

interface Pod extends KubeObject {
  spec?: {
    nodeName?: string
    initContainers?: { name: string }[]
    containers?: { name: string }[]
    ephemeralContainers?: { name: string }[]
  }
}

export function logHandler(registries: Registries, notServed: Handler): Handler {
  return async (context) => {
    const pods = registryOf(registries, context)
    const pod = (await pods.get(context.info.namespace, context.info.name)).object as Pod // The registry holds pods.
    checkContainer(pod, context.query.get('container') ?? '')
    const nodeName = pod.spec?.nodeName ?? ''
    if (nodeName === '') return context.respond(200, 'text/plain', '')
    // Upstream names the resource of the request, not that of the node.
    if (registries.reader.get('', 'nodes', '', nodeName) === undefined) throw notFound(pods.definition, nodeName)
    return notServed(context)
  }
}

function checkContainer({ metadata, spec = {} }: Pod, asked: string): void {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec
  const names = [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name)
  if (asked !== '') {
    if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`)
    return
  }
  if (containers.length <= 1) return
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`)
}
