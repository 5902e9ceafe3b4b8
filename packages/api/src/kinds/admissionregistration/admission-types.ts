// The kinds of admissionregistration.k8s.io as the schema lets them be.
import type { KubeObject } from '@keelson/apimachinery'
import type { LabelSelectorObject } from '../core/pod-types.ts'

export interface Rule {
  operations?: string[]
  apiGroups?: string[]
  apiVersions?: string[]
  resources?: string[]
  scope?: string
}

export interface NamedRule extends Rule {
  resourceNames?: string[]
}

export interface MatchCondition {
  name?: string
  expression?: string
}

export interface WebhookClient {
  url?: string
  service?: { namespace?: string; name?: string; path?: string; port?: number }
}

export interface Webhook {
  name?: string
  clientConfig?: WebhookClient
  rules?: Rule[]
  failurePolicy?: string
  matchPolicy?: string
  namespaceSelector?: LabelSelectorObject
  objectSelector?: LabelSelectorObject
  sideEffects?: string | null
  timeoutSeconds?: number
  admissionReviewVersions?: string[] | null
  reinvocationPolicy?: string
  matchConditions?: MatchCondition[]
}

export interface WebhookConfiguration extends KubeObject {
  webhooks?: Webhook[]
}

export interface MatchResources {
  namespaceSelector?: LabelSelectorObject
  objectSelector?: LabelSelectorObject
  resourceRules?: NamedRule[]
  excludeResourceRules?: NamedRule[]
  matchPolicy?: string
}

export interface PolicySpec {
  paramKind?: { apiVersion?: string; kind?: string }
  matchConstraints?: MatchResources
  matchConditions?: MatchCondition[]
  variables?: { name?: string; expression?: string }[]
  failurePolicy?: string
  /** Of those that validate. */
  validations?: { expression?: string; message?: string; messageExpression?: string; reason?: string }[]
  auditAnnotations?: { key?: string; valueExpression?: string }[]
  /** Of those that mutate. */
  mutations?: {
    patchType?: string
    applyConfiguration?: { expression?: string }
    jsonPatch?: { expression?: string }
  }[]
  reinvocationPolicy?: string
}

export interface Policy extends KubeObject {
  spec?: PolicySpec
  status?: {
    typeChecking?: { expressionWarnings?: { fieldRef?: string; warning?: string }[] }
    conditions?: StatusCondition[]
  }
}

/** The condition that new kinds share. */
export interface StatusCondition {
  type?: string
  status?: string
  observedGeneration?: number
  lastTransitionTime?: string | null
  reason?: string
  message?: string
}

export interface ParamRef {
  name?: string
  namespace?: string
  selector?: LabelSelectorObject
  parameterNotFoundAction?: string
}

export interface PolicyBinding extends KubeObject {
  spec?: {
    policyName?: string
    paramRef?: ParamRef
    matchResources?: MatchResources
    validationActions?: string[]
  }
}
