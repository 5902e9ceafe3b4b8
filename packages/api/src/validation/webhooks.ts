// What a webhook configuration may say. What was let through before, by another version of Kubernetes, is let through again.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Subdomain,
  rootPath,
} from '@keelson/apimachinery'
import type { Webhook } from '../kinds/admissionregistration/admission-types.ts'
import { checkFailurePolicy, checkMatchConditions, checkMatchPolicy, checkRule } from './admission-rules.ts'
import { semanticallyEqual } from './field-checks.ts'
import { checkLabelSelector } from './labels.ts'
import { REVIEW_VERSIONS, checkReviewVersions, hasKnownReviewVersion } from './review-versions.ts'
import { checkWebhookClient } from './webhook-client.ts'

const NO_SIDE_EFFECTS = ['None', 'NoneOnDryRun']
const SIDE_EFFECTS = ['None', 'NoneOnDryRun', 'Some', 'Unknown']
const REINVOCATION_POLICIES = ['IfNeeded', 'Never']
const MAX_SECONDS = 30

export function validateWebhooks(webhooks: readonly Webhook[], old?: readonly Webhook[]): FieldError[] {
  const errors: FieldError[] = []
  const sideEffects = old?.every(hasNoSideEffects) === false ? SIDE_EFFECTS : NO_SIDE_EFFECTS
  const mayBeUnknown = old?.every(hasKnownVersion) === false
  const mayRepeat = old !== undefined && new Set(old.map(({ name }) => name)).size < old.length
  const conditionsAreKept = old !== undefined && sameConditions(webhooks, old)
  const names = new Set<string>()
  for (const [index, webhook] of webhooks.entries()) {
    const path = rootPath.child('webhooks').index(index)
    checkWebhook(errors, webhook, sideEffects, path)
    if (!conditionsAreKept) checkMatchConditions(errors, webhook.matchConditions ?? [], path.child('matchConditions'))
    checkReviewVersions(errors, webhook.admissionReviewVersions ?? [], path.child('admissionReviewVersions'), {
      missing: `must specify one of ${REVIEW_VERSIONS.join(', ')}`,
      requireKnown: !mayBeUnknown,
    })
    const { name = '' } = webhook
    if (!mayRepeat && name !== '' && names.has(name)) errors.push(fieldDuplicate(path.child('name'), name))
    names.add(name)
  }
  return errors
}

const hasNoSideEffects = ({ sideEffects }: Webhook): boolean => NO_SIDE_EFFECTS.includes(sideEffects ?? '')

const hasKnownVersion = ({ admissionReviewVersions }: Webhook): boolean =>
  !admissionReviewVersions?.length || hasKnownReviewVersion(admissionReviewVersions)

const sameConditions = (next: readonly Webhook[], old: readonly Webhook[]): boolean =>
  next.length === old.length &&
  next.every(({ matchConditions }, index) => semanticallyEqual(matchConditions, old[index]?.matchConditions))

function checkWebhook(errors: FieldError[], webhook: Webhook, sideEffects: readonly string[], path: FieldPath): void {
  checkQualified(errors, webhook.name ?? '', path.child('name'))
  for (const [index, rule] of (webhook.rules ?? []).entries()) checkRule(errors, rule, path.child('rules').index(index))
  checkFailurePolicy(errors, webhook.failurePolicy, path)
  checkMatchPolicy(errors, webhook.matchPolicy, path)
  const effects = webhook.sideEffects ?? undefined
  const effectsPath = path.child('sideEffects')
  if (effects === undefined) errors.push(fieldRequired(effectsPath, `must specify one of ${sideEffects.join(', ')}`))
  else if (!sideEffects.includes(effects)) errors.push(fieldNotSupported(effectsPath, effects, sideEffects))
  const seconds = webhook.timeoutSeconds ?? 1
  if (seconds < 1 || seconds > MAX_SECONDS) {
    const detail = `the timeout value must be between 1 and ${MAX_SECONDS} seconds`
    errors.push(fieldInvalid(path.child('timeoutSeconds'), seconds, detail))
  }
  checkLabelSelector(errors, webhook.namespaceSelector, path.child('namespaceSelector'))
  checkLabelSelector(errors, webhook.objectSelector, path.child('objectSelector'))
  const { reinvocationPolicy } = webhook
  if (reinvocationPolicy !== undefined && !REINVOCATION_POLICIES.includes(reinvocationPolicy))
    errors.push(fieldNotSupported(path.child('reinvocationPolicy'), reinvocationPolicy, REINVOCATION_POLICIES))
  checkWebhookClient(errors, webhook.clientConfig ?? {}, path.child('clientConfig'))
}

/** `hook.example.com`: nobody else's. */
function checkQualified(errors: FieldError[], name: string, path: FieldPath): void {
  if (name === '') return void errors.push(fieldRequired(path, ''))
  const messages = isDNS1123Subdomain(name)
  if (messages.length > 0) errors.push(fieldInvalid(path, name, messages.join(',')))
  else if (name.split('.').length < 3)
    errors.push(fieldInvalid(path, name, 'should be a domain with at least three segments separated by dots'))
}
