// What may change in a Pod: images, deadlines, more tolerations, fewer gates; and while it is gated, where it may run.
import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  inclusiveRangeMessage,
  rootPath,
} from '@keelson/apimachinery'
import type { Container, NodeAffinity, NodeSelectorTerm, Pod, PodSpec } from '../kinds/core/pod-types.ts'
import { checkImageText } from './container.ts'
import { semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { checkPodAnnotationUpdates, checkPodAnnotations } from './pod-annotations.ts'
import { podSpecDifference } from './pod-difference.ts'
import { validatePod } from './pod.ts'
import { checkOnlyAddedTolerations } from './tolerations.ts'

const specPath = rootPath.child('spec')
const annotationsPath = rootPath.child('metadata', 'annotations')
const MAX_INT32 = 2_147_483_647
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

export function validatePodUpdate(next: Pod, old: Pod): FieldError[] {
  const errors = validatePod(next)
  checkPodAnnotationUpdates(errors, next.metadata.annotations, old.metadata.annotations, annotationsPath)
  checkPodAnnotations(errors, next.metadata.annotations, next.spec, annotationsPath)
  if (!checkImages(errors, next.spec, old.spec)) return errors
  if (!checkDeadline(errors, next.spec, old.spec)) return errors
  checkOnlyAddedTolerations(
    errors,
    next.spec.tolerations ?? [],
    old.spec.tolerations ?? [],
    specPath.child('tolerations'),
  )
  checkOnlyRemovedGates(errors, next.spec, old.spec)
  if (semanticallyEqual(next.spec, old.spec)) return errors
  const comparable = withoutUpdatable(next.spec, old.spec)
  if ((old.spec.schedulingGates ?? []).length > 0) allowPlacement(errors, comparable, old.spec)
  if (!semanticallyEqual(comparable, old.spec)) {
    const difference = podSpecDifference(old.spec, comparable)
    errors.push(fieldForbidden(specPath, `pod updates may not change fields other than ${UPDATABLE}\n${difference}`))
  }
  return errors
}

/** False: containers came or went, which makes the rest pointless. */
function checkImages(errors: FieldError[], next: PodSpec, old: PodSpec): boolean {
  for (const list of ['containers', 'initContainers'] as const) {
    const containers = next[list] ?? []
    const path = specPath.child(list)
    if (containers.length !== (old[list] ?? []).length) {
      errors.push(fieldForbidden(path, 'pod updates may not add or remove containers'))
      return false
    }
    for (const [index, container] of containers.entries()) {
      if (!container.image) errors.push(fieldRequired(path.index(index).child('image'), ''))
      else checkImageText(errors, container, path.index(index))
    }
  }
  return true
}

function checkDeadline(errors: FieldError[], next: PodSpec, old: PodSpec): boolean {
  const path = specPath.child('activeDeadlineSeconds')
  const seconds = next.activeDeadlineSeconds
  const before = old.activeDeadlineSeconds
  if (seconds === undefined) {
    if (before !== undefined)
      errors.push(fieldInvalid(path, null, 'must not update from a positive integer to nil value'))
    return true
  }
  if (seconds < 0 || seconds > MAX_INT32) errors.push(fieldInvalid(path, seconds, inclusiveRangeMessage(0, MAX_INT32)))
  else if (before !== undefined && before < seconds) {
    errors.push(fieldInvalid(path, seconds, 'must be less than or equal to previous value'))
  } else return true
  return false
}

function checkOnlyRemovedGates(errors: FieldError[], next: PodSpec, old: PodSpec): void {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name))
  for (const [index, { name = '' }] of (next.schedulingGates ?? []).entries()) {
    if (before.has(name)) continue
    const path = specPath.child('schedulingGates').index(index).child('name')
    errors.push(fieldForbidden(path, `only deletion is allowed, but found new scheduling gate '${name}'`))
  }
}

/** The next spec with the fields that may change as they were. */
function withoutUpdatable(next: PodSpec, old: PodSpec): PodSpec {
  const images = (containers: Container[] | undefined, before: Container[] | undefined): Container[] | undefined =>
    containers?.map((container, index) => withField(container, 'image', before?.[index]?.image))
  let spec: PodSpec = { ...next }
  spec = withField(spec, 'containers', images(next.containers, old.containers))
  spec = withField(spec, 'initContainers', images(next.initContainers, old.initContainers))
  spec = withField(spec, 'activeDeadlineSeconds', old.activeDeadlineSeconds)
  spec = withField(spec, 'schedulingGates', old.schedulingGates)
  spec = withField(spec, 'tolerations', old.tolerations)
  const before = old.terminationGracePeriodSeconds
  if (before !== undefined && before < 0 && next.terminationGracePeriodSeconds === 1)
    spec.terminationGracePeriodSeconds = before
  return spec
}

function withField<Tree extends object, Name extends keyof Tree>(
  tree: Tree,
  name: Name,
  value: Tree[Name] | undefined,
): Tree {
  const copy = { ...tree }
  if (value === undefined) delete copy[name]
  else copy[name] = value
  return copy
}

/** A gated pod may be narrowed to fewer nodes; `comparable` then takes the old values. */
function allowPlacement(errors: FieldError[], comparable: PodSpec, old: PodSpec): void {
  const before = old.nodeSelector ?? {}
  const selector = comparable.nodeSelector ?? {}
  if (!semanticallyEqual(selector, before)) {
    if (Object.entries(before).some(([key, value]) => selector[key] !== value)) {
      errors.push(
        fieldInvalid(
          specPath.child('nodeSelector'),
          selector,
          'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        ),
      )
    }
    if (old.nodeSelector === undefined) delete comparable.nodeSelector
    else comparable.nodeSelector = old.nodeSelector
  }
  const affinity = comparable.affinity?.nodeAffinity
  const oldAffinity = old.affinity?.nodeAffinity
  if (semanticallyEqual(affinity, oldAffinity)) return
  checkNarrowed(errors, affinity, oldAffinity)
  comparable.affinity = withField(comparable.affinity ?? {}, 'nodeAffinity', oldAffinity)
}

function checkNarrowed(errors: FieldError[], next: NodeAffinity | undefined, old: NodeAffinity | undefined): void {
  const path = specPath.child('affinity', 'nodeAffinity').child(REQUIRED)
  const before = old?.[REQUIRED]?.nodeSelectorTerms ?? []
  // Any requirement may be added where there was none.
  if (before.length === 0) return
  const terms = next?.[REQUIRED]?.nodeSelectorTerms ?? []
  if (terms.length !== before.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    errors.push(fieldInvalid(path.child('nodeSelectorTerms'), internalForm('[]NodeSelectorTerm', terms), detail))
    return
  }
  for (const [index, term] of terms.entries()) {
    if (isNarrower(term, before[index] ?? {})) continue
    const detail = 'only additions are allowed (no mutations or deletions)'
    errors.push(
      fieldInvalid(path.child('nodeSelectorTerms').index(index), internalForm('NodeSelectorTerm', term), detail),
    )
  }
}

function isNarrower(next: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const counts = [old.matchExpressions?.length ?? 0, old.matchFields?.length ?? 0]
  const nextCounts = [next.matchExpressions?.length ?? 0, next.matchFields?.length ?? 0]
  // An empty term fits no node: adding to it would widen.
  if (counts.every((count) => count === 0)) return nextCounts.every((count) => count === 0)
  return (
    semanticallyEqual(next.matchExpressions?.slice(0, counts[0]), old.matchExpressions) &&
    semanticallyEqual(next.matchFields?.slice(0, counts[1]), old.matchFields)
  )
}
