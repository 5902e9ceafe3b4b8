// DaemonSet: one pod of a template on each node.
import {
  type FieldError,
  type KubeObject,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  goQuote,
  parseApiVersion,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { ObjectDecodeError } from '../../schema/types.ts'
import { checkImmutable, checkNotNegative, semanticallyEqual } from '../../validation/field-checks.ts'
import { checkLabelSelector, isEmptySelector, isUsableSelector } from '../../validation/labels.ts'
import { defaultPodTemplate } from '../core/pod-defaults.ts'
import type { LabelSelectorObject, PodTemplateSpec } from '../core/pod-types.ts'
import { warningsForPodTemplate } from '../core/pod-warnings.ts'
import { NONE, age, formatLabels } from '../row.ts'
import { checkAtMostWhole, checkIntOrPercent, intOrPercentValue } from './deployment-validation.ts'
import { checkSelected, checkTemplateOfCopies } from './replicaset-validation.ts'
import { selectorCell } from './selector-cell.ts'
import { containerCells, countGeneration } from './workload.ts'
import type { IntOrString } from './workload-types.ts'

interface DaemonSet extends KubeObject {
  spec?: {
    selector?: LabelSelectorObject | null
    template?: PodTemplateSpec
    updateStrategy?: { type?: string; rollingUpdate?: { maxUnavailable?: IntOrString; maxSurge?: IntOrString } }
    minReadySeconds?: number
    revisionHistoryLimit?: number
  }
  status?: Record<string, number | undefined>
}

// The schema has checked the types of what all these functions get.
const asDaemonSet = (object: KubeObject): DaemonSet => object as DaemonSet
const specPath = rootPath.child('spec')
/** Counts changes of the template; clients of long ago read it. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'
const EMPTY_STATUS = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }

export const daemonSetStrategy: KindStrategy = {
  default(object) {
    templateGeneration(object)
    const daemonSet = asDaemonSet(object)
    ;(object.metadata.annotations ??= {})[TEMPLATE_GENERATION] ??= '0'
    const spec = (daemonSet.spec ??= {})
    const strategy = (spec.updateStrategy ??= {})
    strategy.type ||= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') {
      const rollingUpdate = (strategy.rollingUpdate ??= {})
      rollingUpdate.maxUnavailable ??= 1
      rollingUpdate.maxSurge ??= 0
    }
    if (strategy.rollingUpdate !== undefined) {
      // Numbers of their own in upstream's type: they are always shown.
      strategy.rollingUpdate.maxUnavailable ??= 0
      strategy.rollingUpdate.maxSurge ??= 0
    }
    spec.revisionHistoryLimit ??= 10
    defaultPodTemplate((spec.template ??= {}))
  },
  prepareForCreate(object) {
    object['status'] = { ...EMPTY_STATUS }
    object.metadata.generation = 1
    const { annotations = {} } = object.metadata
    object.metadata.annotations = {
      ...annotations,
      [TEMPLATE_GENERATION]: String(Math.max(1, templateGeneration(object))),
    }
  },
  prepareForUpdate(next, old) {
    const before = templateGeneration(old)
    const isNew = !semanticallyEqual(asDaemonSet(next).spec?.template, asDaemonSet(old).spec?.template)
    ;(next.metadata.annotations ??= {})[TEMPLATE_GENERATION] = String(isNew ? before + 1 : before)
    countGeneration(next, old)
  },
  validate: (object) => validateDaemonSet(asDaemonSet(object)),
  validateUpdate(next, old) {
    const errors: FieldError[] = []
    const selectors = [asDaemonSet(next).spec?.selector, asDaemonSet(old).spec?.selector] as const
    checkImmutable(errors, ...selectors, specPath.child('selector'))
    return [...errors, ...validateDaemonSet(asDaemonSet(next))]
  },
  validateStatusUpdate(next) {
    const errors: FieldError[] = []
    for (const [name, count] of Object.entries(asDaemonSet(next).status ?? {})) {
      if (typeof count === 'number') checkNotNegative(errors, count, rootPath.child('status'), name)
    }
    return errors
  },
  warnings(next, old) {
    // Told when the template changed, which has a count of its own.
    const templateOf = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[TEMPLATE_GENERATION]
    if (old !== undefined && templateOf(next) === templateOf(old)) return []
    return warningsForPodTemplate(asDaemonSet(next).spec?.template, specPath.child('template'))
  },
  hasStatus: true,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asDaemonSet(object)
    return [
      metadata.name ?? '',
      status['desiredNumberScheduled'] ?? 0,
      status['currentNumberScheduled'] ?? 0,
      status['numberReady'] ?? 0,
      status['updatedNumberScheduled'] ?? 0,
      status['numberAvailable'] ?? 0,
      formatLabels(spec.template?.spec?.nodeSelector),
      age(object, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector) || NONE,
    ]
  },
}

/** Upstream holds it as a number of the spec, and refuses an annotation that is none. */
function templateGeneration({ kind, apiVersion, metadata }: KubeObject): number {
  const text = metadata.annotations?.[TEMPLATE_GENERATION]
  if (text === undefined) return 0
  if (/^[+-]?[0-9]{1,15}$/.test(text)) return Number(text)
  const { version = '' } = parseApiVersion(apiVersion) ?? {}
  throw new ObjectDecodeError(
    { group: 'apps', version, kind },
    `strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`,
  )
}

function validateDaemonSet({ spec = {} }: DaemonSet): FieldError[] {
  const errors: FieldError[] = []
  const { selector, template = {} } = spec
  const path = specPath.child('selector')
  const templatePath = specPath.child('template')
  checkLabelSelector(errors, selector, path)
  if (!selector || isUsableSelector(selector)) checkSelected(errors, selector, template, templatePath)
  if (selector && isEmptySelector(selector)) {
    errors.push(fieldInvalid(path, selector, 'empty selector is invalid for daemonset'))
  }
  checkTemplateOfCopies(errors, template, templatePath, 'DaemonSet')
  checkNotNegative(errors, spec.minReadySeconds, specPath, 'minReadySeconds')
  checkUpdateStrategy(errors, spec.updateStrategy ?? {})
  checkNotNegative(errors, spec.revisionHistoryLimit, specPath, 'revisionHistoryLimit')
  return errors
}

type UpdateStrategy = NonNullable<NonNullable<DaemonSet['spec']>['updateStrategy']>

function checkUpdateStrategy(errors: FieldError[], { type = '', rollingUpdate }: UpdateStrategy): void {
  const path = specPath.child('updateStrategy')
  if (type === 'OnDelete') return
  if (type !== 'RollingUpdate') {
    // Upstream shows its own types.
    const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {}
    const shown = {
      Type: type,
      RollingUpdate: rollingUpdate ? { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } : null,
    }
    errors.push(fieldNotSupported(path, shown, ['RollingUpdate', 'OnDelete']))
    return
  }
  const at = path.child('rollingUpdate')
  const { maxUnavailable = 1, maxSurge = 0 } = rollingUpdate ?? {}
  for (const [name, value] of [
    ['maxUnavailable', maxUnavailable],
    ['maxSurge', maxSurge],
  ] as const) {
    checkIntOrPercent(errors, value, at.child(name))
    checkAtMostWhole(errors, value, at.child(name))
  }
  const hasUnavailable = intOrPercentValue(maxUnavailable) !== 0
  const hasSurge = intOrPercentValue(maxSurge) !== 0
  if (hasUnavailable && hasSurge) {
    errors.push(fieldInvalid(at.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'))
  } else if (!hasUnavailable && !hasSurge) {
    errors.push(fieldRequired(at.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'))
  }
}
