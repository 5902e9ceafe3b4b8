// Priority: the number behind a pod's priorityClassName, and no number without a class.
import type { PodSpec } from '@keelson/api'
import type { KubeObject } from '@keelson/apimachinery'
import { isPodWrite, podOf } from '../attributes.ts'
import { forbid } from '../forbid.ts'
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../types.ts'

interface PriorityClass extends KubeObject {
  value?: number
  globalDefault?: boolean
  preemptionPolicy?: string
}

const GROUP = 'scheduling.k8s.io'
const DEFAULT_POLICY = 'PreemptLowerPriority'

const isClassWrite = ({ resource, operation }: AdmissionAttributes): boolean =>
  resource.group === GROUP && resource.resource === 'priorityclasses' && operation !== 'DELETE'

export const priority: AdmissionPlugin = {
  name: 'Priority',
  handles: (attributes) => (isPodWrite(attributes) && attributes.operation !== 'DELETE') || isClassWrite(attributes),
  admit(attributes, reader) {
    const pod = podOf(attributes)
    if (pod === undefined || isClassWrite(attributes)) return undefined
    const { spec } = pod
    if (attributes.operation === 'UPDATE') return keepPriority(spec, attributes.oldObject)
    const name = spec.priorityClassName
    if (!name) return setPriority(attributes, spec, defaultClass(reader))
    const found = reader.get(GROUP, 'priorityclasses', '', name)
    if (found !== undefined) return setPriority(attributes, spec, found)
    return setFromStore(attributes, spec, name, reader)
  },
  validate(attributes, reader) {
    if (!isClassWrite(attributes) || (attributes.object as PriorityClass).globalDefault !== true) return // As handles() says.
    const current = defaultClass(reader)
    if (current === undefined) return
    if (attributes.operation === 'UPDATE' && current.metadata.name === attributes.object?.metadata.name) return
    throw forbid(
      attributes,
      `PriorityClass ${current.metadata.name} is already marked as default. Only one default can exist`,
    )
  },
}

async function setFromStore(
  attributes: AdmissionAttributes,
  spec: PodSpec,
  name: string,
  reader: AdmissionReader,
): Promise<void> {
  const found = await reader.getConsistent(GROUP, 'priorityclasses', '', name)
  if (found === undefined) throw forbid(attributes, `no PriorityClass with name ${name} was found`)
  setPriority(attributes, spec, found)
}

/** The class that is marked as default; of several the least. */
function defaultClass(reader: AdmissionReader): PriorityClass | undefined {
  let found: PriorityClass | undefined
  for (const object of reader.list(GROUP, 'priorityclasses')) {
    const candidate: PriorityClass = object
    if (candidate.globalDefault === true && (found === undefined || (candidate.value ?? 0) < (found.value ?? 0)))
      found = candidate
  }
  return found
}

function setPriority(attributes: AdmissionAttributes, spec: PodSpec, found: PriorityClass | undefined): void {
  const value = found?.value ?? 0
  const policy = found?.preemptionPolicy ?? DEFAULT_POLICY
  const computed = (field: string, given: unknown, right: unknown): string =>
    `the ${field} (${String(given)}) must not be provided in pod spec; priority admission controller computed ${String(right)} from the given PriorityClass name`
  if (found?.metadata.name !== undefined) spec.priorityClassName = found.metadata.name
  if (spec.priority !== undefined && spec.priority !== value) {
    throw forbid(attributes, computed('integer value of priority', spec.priority, value))
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw forbid(attributes, computed('string value of PreemptionPolicy', spec.preemptionPolicy, policy))
  }
  spec.priority = value
  spec.preemptionPolicy = policy
}

/** A manifest that does not know what was computed may be sent again. */
function keepPriority(spec: PodSpec, oldObject: KubeObject | undefined): void {
  const old = (oldObject?.['spec'] ?? {}) as PodSpec // The pod as it is stored.
  if (spec.priority === undefined && old.priority !== undefined) spec.priority = old.priority
  if (spec.preemptionPolicy === undefined && old.preemptionPolicy !== undefined)
    spec.preemptionPolicy = old.preemptionPolicy
}
