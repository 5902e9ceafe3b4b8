// What a default object must look like, given what is there now: undefined when nothing has to be written. One function a
// family of kinds; all pure. An owner says "leave it to me" with an annotation of "false", as upstream's documentation tells.
import type { JsonObject, KubeObject } from '@keelson/apimachinery'
import { equalTrees } from '../registry/json-tree.ts'
import { type PolicyRule, missingRules } from './rbac-rules.ts'

const RBAC_AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate'
const FLOW_AUTOUPDATE = 'apf.kubernetes.io/autoupdate-spec'
/** The flow control objects that keep the server alive: nobody may change them for long. */
const MANDATORY_FLOW_CONTROL = new Set(['exempt', 'catch-all'])

export type Reconcile = (existing: KubeObject, expected: JsonObject) => KubeObject | 'recreate' | undefined

/** Things that are made once and left alone: priority classes, namespaces, API services. */
export const leaveAsIs: Reconcile = () => undefined

/** Roles: permissions, labels and annotations that are missing are added; what an administrator added stays. */
export const reconcileRole: Reconcile = (existing, expected) => {
  if (existing.metadata.annotations?.[RBAC_AUTOUPDATE] === 'false') return undefined
  const rules = listOf<PolicyRule>(existing.rules)
  const missing = missingRules(rules, listOf<PolicyRule>(expected.rules))
  const next: KubeObject = { ...existing, metadata: withExpectedMetadata(existing, expected) }
  if (missing.length > 0) next.rules = [...rules, ...missing]
  const aggregation = (expected.aggregationRule as JsonObject | undefined)?.clusterRoleSelectors
  if (aggregation !== undefined) {
    const have = listOf<JsonObject>((existing.aggregationRule as JsonObject | undefined)?.clusterRoleSelectors)
    const lacking = listOf<JsonObject>(aggregation).filter(
      (selector) => !have.some((each) => equalTrees(each, selector)),
    )
    if (lacking.length > 0) next.aggregationRule = { clusterRoleSelectors: [...have, ...lacking] }
  }
  return changed(existing, next)
}

/** Bindings: missing subjects are added; one that binds another role is made anew (a role reference cannot change). */
export const reconcileBinding: Reconcile = (existing, expected) => {
  if (existing.metadata.annotations?.[RBAC_AUTOUPDATE] === 'false') return undefined
  if (!equalTrees(existing.roleRef, expected.roleRef)) return 'recreate'
  const subjects = listOf<JsonObject>(existing.subjects)
  const missing = listOf<JsonObject>(expected.subjects).filter(
    (subject) => !subjects.some((each) => equalTrees(each, subject)),
  )
  const next: KubeObject = { ...existing, metadata: withExpectedMetadata(existing, expected) }
  if (missing.length > 0) next.subjects = [...subjects, ...missing]
  return changed(existing, next)
}

/** Flow schemas and priority levels: the spec is ours while the annotation says so; the mandatory ones always. */
export const reconcileFlowControl: Reconcile = (existing, expected) => {
  const annotation = existing.metadata.annotations?.[FLOW_AUTOUPDATE]
  const ours = annotation === undefined ? existing.metadata.generation === 1 : annotation === 'true'
  const mandatory = MANDATORY_FLOW_CONTROL.has(existing.metadata.name ?? '')
  if (!ours && !mandatory) return undefined
  const annotations = { ...existing.metadata.annotations, [FLOW_AUTOUPDATE]: 'true' }
  return changed(existing, { ...existing, metadata: { ...existing.metadata, annotations }, spec: expected.spec })
}

function withExpectedMetadata(existing: KubeObject, expected: JsonObject): KubeObject['metadata'] {
  const { labels, annotations } = expected.metadata as KubeObject['metadata'] // Facts: objects with metadata.
  return {
    ...existing.metadata,
    ...(labels && { labels: { ...labels, ...existing.metadata.labels } }),
    ...(annotations && { annotations: { ...annotations, ...existing.metadata.annotations } }),
  }
}

const listOf = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? (value as T[]) : []) // Checked by the kind's schema.
const changed = (existing: KubeObject, next: KubeObject): KubeObject | undefined =>
  equalTrees(existing, next) ? undefined : next
