// Fields of pods that upstream has behind feature gates and leaves out while those are off, which they are by default.
// Nothing of them is ever stored, so it does not matter whether they are left out of a new object or of a changed one.
import type { Container, PodSpec } from './pod-types.ts'

/** In place. */
export function dropUnsupportedFields(spec: PodSpec): void {
  delete spec.schedulingGroup
  for (const container of spec.containers ?? []) dropStopSignal(container)
  for (const container of spec.initContainers ?? []) dropStopSignal(container)
  for (const container of spec.ephemeralContainers ?? []) dropStopSignal(container)
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      delete source.clusterTrustBundle
      delete source.podCertificate
    }
  }
}

function dropStopSignal(container: Container): void {
  if (container.lifecycle?.stopSignal === undefined) return
  delete container.lifecycle.stopSignal
  // With the gate off, upstream has nothing left of a lifecycle that says nothing else.
  if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle
}
