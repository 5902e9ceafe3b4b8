// How custom resources get from one version to another.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '@keelson/apimachinery'
import type { DefinitionSpec } from '../kinds/apiextensions/definition-types.ts'
import { caBundleProblem } from './ca-bundle.ts'
import { checkReviewVersions } from './review-versions.ts'
import { checkWebhookClient } from './webhook-client.ts'

const STRATEGIES = ['None', 'Webhook']

export interface ConversionOptions {
  readonly requireKnownReviewVersion: boolean
  readonly allowInvalidCABundle: boolean
}

export function checkConversion(
  errors: FieldError[],
  { strategy, webhook }: NonNullable<DefinitionSpec['conversion']>,
  path: FieldPath,
  options: ConversionOptions,
): void {
  if (strategy === '') errors.push(fieldRequired(path.child('strategy'), ''))
  else if (!STRATEGIES.includes(strategy)) errors.push(fieldNotSupported(path.child('strategy'), strategy, STRATEGIES))
  // These names are of an older version of the API.
  const clientPath = path.child('webhookClientConfig')
  const versionsPath = path.child('conversionReviewVersions')
  const client = webhook?.clientConfig
  const versions = webhook?.conversionReviewVersions ?? []
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook'
    if (client !== undefined) errors.push(fieldForbidden(clientPath, detail))
    if (versions.length > 0) errors.push(fieldForbidden(versionsPath, detail))
    return
  }
  if (client === undefined) errors.push(fieldRequired(clientPath, 'required when strategy is set to Webhook'))
  else {
    checkWebhookClient(errors, client, clientPath)
    const problem = options.allowInvalidCABundle ? undefined : caBundleProblem(client.caBundle ?? '')
    if (problem !== undefined) errors.push(fieldInvalid(clientPath.child('caBundle'), Object(client.caBundle), problem))
  }
  const requireKnown = options.requireKnownReviewVersion
  checkReviewVersions(errors, versions, versionsPath, { missing: '', requireKnown })
}
