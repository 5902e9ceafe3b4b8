// Groups of the Kubernetes project itself: custom resources in them need the annotation that says who has approved of them.
import { type FieldError, fieldInvalid, fieldRequired, rootPath } from '@keelson/apimachinery'
import type { CustomResourceDefinition } from '../kinds/apiextensions/definition-types.ts'
import { parseRequestUri } from './go-url.ts'

const ANNOTATION = 'api-approved.kubernetes.io'
const PROTECTED = /(?:^|\.)(?:k8s|kubernetes)\.io$/
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111'

type Approval = 'missing' | 'bypassed' | 'approved' | 'invalid'

function approvalOf({ metadata }: CustomResourceDefinition): Approval {
  const text = metadata.annotations?.[ANNOTATION] ?? ''
  if (text === '') return 'missing'
  if (text.startsWith('unapproved')) return 'bypassed'
  const url = parseRequestUri(text)
  return typeof url !== 'string' && url.host !== '' && url.scheme !== '' ? 'approved' : 'invalid'
}

/** What stays as it was is not looked at. */
export function checkApproval(
  errors: FieldError[],
  next: CustomResourceDefinition,
  old?: CustomResourceDefinition,
): void {
  if (!PROTECTED.test(next.spec.group)) return
  const approval = approvalOf(next)
  if (old !== undefined && approvalOf(old) === approval) return
  const path = rootPath.child('metadata', 'annotations').key(ANNOTATION)
  const must = `protected groups must have approval annotation "${ANNOTATION}"`
  if (approval === 'missing') errors.push(fieldRequired(path, `${must}, ${SEE}`))
  if (approval === 'invalid') {
    const detail = `${must} with either a URL or a reason starting with "unapproved", ${SEE}`
    errors.push(fieldInvalid(path, next.metadata.annotations?.[ANNOTATION], detail))
  }
}
