// RuntimeClass: a pod that names one gets its overhead and goes where it runs.
import type { Pod, PodSpec, Toleration } from '@keelson/api'
import type { KubeObject } from '@keelson/apimachinery'
import { isPodWrite, podOf } from '../attributes.ts'
import { forbid } from '../forbid.ts'
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../types.ts'

interface RuntimeClass extends KubeObject {
  overhead?: { podFixed?: Record<string, string> }
  scheduling?: { nodeSelector?: Record<string, string>; tolerations?: Toleration[] }
}

const GROUP = 'node.k8s.io'

export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: (attributes) => attributes.operation === 'CREATE' && isPodWrite(attributes),
  admit(attributes, reader) {
    const pod = podOf(attributes)
    if (pod?.spec.runtimeClassName === undefined) return checkNoOverhead(attributes, pod)
    const name = pod.spec.runtimeClassName
    const found = reader.get(GROUP, 'runtimeclasses', '', name)
    if (found !== undefined) return applyClass(attributes, pod.spec, found)
    return applyFromStore(attributes, pod.spec, name, reader)
  },
}

function checkNoOverhead(attributes: AdmissionAttributes, pod: Pod | undefined): void {
  if (pod?.spec.overhead === undefined) return
  throw forbid(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
}

async function applyFromStore(
  attributes: AdmissionAttributes,
  spec: PodSpec,
  name: string,
  reader: AdmissionReader,
): Promise<void> {
  const found = await reader.getConsistent(GROUP, 'runtimeclasses', '', name)
  if (found === undefined) throw forbid(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  applyClass(attributes, spec, found)
}

function applyClass(attributes: AdmissionAttributes, spec: PodSpec, { overhead, scheduling }: RuntimeClass): void {
  const fixed = overhead?.podFixed
  if (fixed === undefined && spec.overhead !== undefined) {
    throw forbid(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
  }
  if (fixed !== undefined) {
    if (spec.overhead !== undefined && !sameAmounts(spec.overhead, fixed)) {
      throw forbid(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    }
    spec.overhead = { ...fixed }
  }
  for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
    const selector = (spec.nodeSelector ??= {})
    if (selector[key] !== undefined && selector[key] !== value) {
      const why = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${selector[key]}`
      throw forbid(attributes, `conflict: ${why}`)
    }
    selector[key] = value
  }
  for (const toleration of scheduling?.tolerations ?? []) {
    const tolerations = (spec.tolerations ??= [])
    const text = JSON.stringify(toleration)
    if (!tolerations.some((present) => JSON.stringify(present) === text)) tolerations.push({ ...toleration })
  }
}

/** Amounts are in canonical text. */
function sameAmounts(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name])
}
