// What the author of a pod should hear about the ports of its containers: definitions that hide or blur one another.
import { type FieldPath, goQuote } from '@keelson/apimachinery'
import type { Container, ContainerPort, PodSpec } from './pod-types.ts'

type ContainerVisitor = (container: Container, path: FieldPath) => void

/** In the order of upstream's warnings. `path`: that of the spec. */
export function eachContainer(spec: PodSpec, path: FieldPath, visit: ContainerVisitor): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[list]?.forEach((container, index) => visit(container, path.child(list).index(index)))
  }
}

interface SeenPort {
  readonly port: ContainerPort
  readonly at: FieldPath
}

export function portWarnings(warnings: string[], spec: PodSpec, path: FieldPath): void {
  const seen = new Map<string, SeenPort[]>()
  const names = new Map<string, FieldPath>()
  const named: string[] = []
  eachContainer(spec, path, ({ ports }, containerPath) => {
    ports?.forEach((port, index) => {
      const at = containerPath.child('ports').index(index)
      const { containerPort = 0, hostPort = 0, hostIP = '', protocol = '', name = '' } = port
      if (hostIP !== '' && hostPort === 0) {
        const shown = `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
        warnings.push(`${at}: hostIP set without hostPort: ${shown}`)
      }
      const key = `${containerPort}/${protocol}`
      const others = seen.get(key)
      if (others === undefined) seen.set(key, [{ port, at }])
      else {
        for (const other of others) clashWarning(warnings, port, at, other)
        others.push({ port, at })
      }
      if (name === '') return
      const other = names.get(name)
      if (other === undefined) names.set(name, at)
      else {
        const advice = `services and probes that select ports by name will use ${other}`
        named.push(`${at}: duplicate port name ${goQuote(name)} with ${other}, ${advice}`)
      }
    })
  })
  for (const warning of named) warnings.push(warning)
}

/** Of two definitions of one port. */
function clashWarning(warnings: string[], port: ContainerPort, at: FieldPath, other: SeenPort): void {
  const { hostPort = 0, hostIP = '' } = port
  const { hostPort: otherPort = 0, hostIP: otherIP = '' } = other.port
  if (hostIP === otherIP && hostPort === otherPort) warnings.push(`${at}: duplicate port definition with ${other.at}`)
  else if (hostPort === 0 || otherPort === 0) warnings.push(`${at}: overlapping port definition with ${other.at}`)
  else if (hostPort === otherPort && (hostIP === '') !== (otherIP === '')) {
    warnings.push(`${at}: dangerously ambiguous port definition with ${other.at}`)
  }
}
