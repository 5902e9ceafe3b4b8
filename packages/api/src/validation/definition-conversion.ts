// How custom resources get from one version to another.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1035Label,
} from '@keelson/apimachinery'
import type { DefinitionSpec } from '../kinds/apiextensions/definition-types.ts'
import { caBundleProblem } from './ca-bundle.ts'
import { checkWebhookClient } from './webhook-client.ts'

const STRATEGIES = ['None', 'Webhook']
/** What the server itself speaks. */
const REVIEW_VERSIONS = ['v1', 'v1beta1']

export interface ConversionOptions {
  readonly requireKnownReviewVersion: boolean
  readonly allowInvalidCABundle: boolean
}

export const hasKnownReviewVersion = (versions: readonly string[]): boolean =>
  versions.some((version) => REVIEW_VERSIONS.includes(version))

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
  checkReviewVersions(errors, versions, versionsPath, options.requireKnownReviewVersion)
}

function checkReviewVersions(
  errors: FieldError[],
  versions: readonly string[],
  path: FieldPath,
  requireKnown: boolean,
): void {
  if (versions.length === 0) return void errors.push(fieldRequired(path, ''))
  const seen = new Set<string>()
  for (const [index, version] of versions.entries()) {
    if (seen.has(version)) {
      errors.push(fieldInvalid(path.index(index), version, 'duplicate version'))
      continue
    }
    seen.add(version)
    for (const message of isDNS1035Label(version)) errors.push(fieldInvalid(path.index(index), version, message))
  }
  if (requireKnown && !hasKnownReviewVersion(versions))
    errors.push(fieldInvalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`))
}
