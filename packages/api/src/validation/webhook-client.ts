// Where a webhook is reached: a URL, or a service of the cluster.
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldRequired,
  isDNS1123Subdomain,
  isPortNumber,
} from '@keelson/apimachinery'
import type { WebhookClient } from '../kinds/admissionregistration/admission-types.ts'
import { parseGoUrl } from './go-url.ts'

const FORM = '; desired format: https://host[/path]'

export function checkWebhookClient(errors: FieldError[], { url, service }: WebhookClient, path: FieldPath): void {
  if ((url === undefined) === (service === undefined))
    errors.push(fieldRequired(path, 'exactly one of url or service is required'))
  else if (url !== undefined) checkUrl(errors, url, path.child('url'))
  else checkService(errors, service ?? {}, path.child('service'))
}

function checkUrl(errors: FieldError[], text: string, path: FieldPath): void {
  const url = parseGoUrl(text)
  if (typeof url === 'string') return void errors.push(fieldRequired(path, `url must be a valid URL: ${url}${FORM}`))
  const refuse = (value: string, detail: string): void => void errors.push(fieldInvalid(path, value, detail))
  if (url.scheme !== 'https') refuse(url.scheme, `'https' is the only allowed URL scheme${FORM}`)
  if (url.host === '') refuse('', `host must be specified${FORM}`)
  if (url.user !== undefined) refuse(url.user, 'user information is not permitted in the URL')
  if (url.fragment !== '') refuse(url.fragment, 'fragments are not permitted in the URL')
  if (url.query !== '') refuse(url.query, 'query parameters are not permitted in the URL')
}

function checkService(
  errors: FieldError[],
  { name, namespace, path: urlPath = '', port = 0 }: NonNullable<WebhookClient['service']>,
  path: FieldPath,
): void {
  // Upstream takes the one for the other.
  if (!namespace) errors.push(fieldRequired(path.child('name'), ''))
  if (!name) errors.push(fieldRequired(path.child('namespace'), ''))
  const problems = isPortNumber(port)
  if (problems.length > 0)
    errors.push(fieldInvalid(path.child('port'), port, `port is not valid: ${problems.join(', ')}`))
  checkUrlPath(errors, urlPath, path.child('path'))
}

function checkUrlPath(errors: FieldError[], urlPath: string, path: FieldPath): void {
  if (urlPath === '' || urlPath === '/') return
  const refuse = (detail: string): void => void errors.push(fieldInvalid(path, urlPath, detail))
  if (urlPath === '//') return refuse('segment[0] may not be empty')
  if (!urlPath.startsWith('/')) refuse("must start with a '/'")
  const steps = urlPath.slice(1).replace(/\/$/, '').split('/')
  for (const [index, step] of steps.entries()) {
    if (step === '') refuse(`segment[${index}] may not be empty`)
    else for (const message of isDNS1123Subdomain(step)) refuse(`segment[${index}]: ${message}`)
  }
}
