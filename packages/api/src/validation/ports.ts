// Port numbers and names, of containers and of whatever points at them.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isPortName,
  isPortNumber,
} from '@keelson/apimachinery'
import type { Container, ContainerPort } from '../kinds/core/pod-types.ts'

export const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP']

export function checkPortNumber(errors: FieldError[], port: number, path: FieldPath): void {
  for (const message of isPortNumber(port)) errors.push(fieldInvalid(path, port, message))
}

export function checkPortNumberOrName(errors: FieldError[], port: number | string, path: FieldPath): void {
  if (typeof port === 'number') return checkPortNumber(errors, port, path)
  for (const message of isPortName(port)) errors.push(fieldInvalid(path, port, message))
}

export function checkProtocol(errors: FieldError[], protocol: string | undefined, path: FieldPath): void {
  if (!protocol) errors.push(fieldRequired(path, ''))
  else if (!PROTOCOLS.includes(protocol)) errors.push(fieldNotSupported(path, protocol, PROTOCOLS))
}

export function checkContainerPorts(
  errors: FieldError[],
  ports: readonly ContainerPort[] | undefined,
  path: FieldPath,
): void {
  if (ports === undefined) return
  const names = new Set<string>()
  for (let index = 0; index < ports.length; index++) {
    const { name, containerPort, hostPort, protocol } = ports[index] ?? {}
    const at = path.index(index)
    if (name) {
      const messages = isPortName(name)
      for (const message of messages) errors.push(fieldInvalid(at.child('name'), name, message))
      if (messages.length === 0 && names.has(name)) errors.push(fieldDuplicate(at.child('name'), name))
      if (messages.length === 0) names.add(name)
    }
    if (!containerPort) errors.push(fieldRequired(at.child('containerPort'), ''))
    else checkPortNumber(errors, containerPort, at.child('containerPort'))
    if (hostPort) checkPortNumber(errors, hostPort, at.child('hostPort'))
    if (protocol === undefined || !PROTOCOLS.includes(protocol)) checkProtocol(errors, protocol, at.child('protocol'))
  }
}

/** Two containers of a pod cannot have the same port of the host. */
export function checkHostPortConflicts(errors: FieldError[], containers: readonly Container[], path: FieldPath): void {
  const taken = new Set<string>()
  containers.forEach(({ ports }, index) => {
    ports?.forEach(({ hostPort, hostIP = '', protocol = '' }, portIndex) => {
      if (!hostPort) return
      const text = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(text)) {
        errors.push(fieldDuplicate(path.index(index).child('ports').index(portIndex).child('hostPort'), text))
      }
      taken.add(text)
    })
  })
}
