// How a plugin says no: 403, naming the object as well as it is named yet.
import { type StatusCause, StatusError, forbidden } from '@keelson/apimachinery'
import type { AdmissionAttributes } from './types.ts'

export function forbid(attributes: AdmissionAttributes, why: string, cause?: StatusCause): StatusError {
  const { resource, object } = attributes
  // A name that is to be generated is not there yet; upstream then shows what it will begin with.
  const name = attributes.name || object?.metadata.name || object?.metadata.generateName || 'Unknown'
  const error = forbidden({ group: resource.group, resource: resource.resource }, name, why)
  if (cause === undefined) return error
  return new StatusError(403, 'Forbidden', error.message, { ...error.status.details, causes: [cause] })
}
