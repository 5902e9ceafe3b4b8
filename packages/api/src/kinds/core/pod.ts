// Pod: containers that run together on one node.
import { type KubeObject, isDNS1123Label } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { semanticallyEqual } from '../../validation/field-checks.ts'
import { validatePodCreate } from '../../validation/pod.ts'
import { validatePodStatusUpdate } from '../../validation/pod-status.ts'
import { validatePodUpdate } from '../../validation/pod-update.ts'
import { mergeMatchLabelKeys } from './match-label-keys.ts'
import { copyAppArmorAnnotations } from './pod-app-armor.ts'
import { defaultPod } from './pod-defaults.ts'
import { podRow, podRowConditions } from './pod-row.ts'
import { initialStatus, keepStatusFields } from './pod-status.ts'
import type { Pod } from './pod-types.ts'
import { warningsForPod } from './pod-warnings.ts'

// The schema has checked the types of what all these functions get.
const asPod = (object: KubeObject): Pod => object as Pod

export const podStrategy: KindStrategy = {
  default: (object) => defaultPod(asPod(object)),
  prepareForCreate(object, context) {
    const { now } = context
    const pod = asPod(object)
    copyAppArmorAnnotations(pod, context)
    pod.metadata.generation = 1
    pod.status = initialStatus(pod, now)
    mergeMatchLabelKeys(pod)
  },
  prepareForUpdate(next, old) {
    const generation = old.metadata.generation ?? 0
    next.metadata.generation = semanticallyEqual(next['spec'], old['spec']) ? generation : generation + 1
    if (next.metadata.generation === 0) delete next.metadata.generation
  },
  prepareForStatusUpdate(next, old) {
    if (old.metadata.deletionTimestamp === undefined) delete next.metadata.deletionTimestamp
    else next.metadata.deletionTimestamp = old.metadata.deletionTimestamp
    // Kubelets of long ago broke owner references here.
    if (old.metadata.ownerReferences === undefined) delete next.metadata.ownerReferences
    else next.metadata.ownerReferences = old.metadata.ownerReferences
    keepStatusFields((asPod(next).status ??= {}), asPod(old).status ?? {})
  },
  validate: (object) => validatePodCreate(asPod(object)),
  validateUpdate: (next, old) => validatePodUpdate(asPod(next), asPod(old)),
  validateStatusUpdate: (next, old) => validatePodStatusUpdate(asPod(next), asPod(old)),
  warnings(next, old) {
    // Pods are updated by machines, which read no warnings.
    if (old !== undefined) return []
    const nameMessages = isDNS1123Label(next.metadata.name ?? '')
    const surprising =
      nameMessages.length === 0
        ? []
        : [
            `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${nameMessages.join(' ')}]`,
          ]
    return [...surprising, ...warningsForPod(asPod(next))]
  },
  hasStatus: true,
  selectable: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ],
  indexed: ['spec.nodeName'],
  selectableFields(object) {
    const { spec, status = {} } = asPod(object)
    return {
      'spec.nodeName': spec.nodeName ?? '',
      'spec.restartPolicy': spec.restartPolicy ?? '',
      'spec.schedulerName': spec.schedulerName ?? '',
      'spec.serviceAccountName': spec.serviceAccountName ?? '',
      'spec.hostNetwork': String(spec.hostNetwork ?? false),
      'status.phase': status.phase ?? '',
      'status.podIP': status.podIPs?.[0]?.ip ?? '',
      'status.nominatedNodeName': status.nominatedNodeName ?? '',
    }
  },
  row: (object, now) => podRow(asPod(object), now),
  rowConditions: (object) => podRowConditions(asPod(object)),
  gracePeriodSeconds(object, requested) {
    const { spec, status } = asPod(object)
    if (!spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0
    const period = requested ?? spec.terminationGracePeriodSeconds ?? 0
    return period < 0 ? 1 : period
  },
}
