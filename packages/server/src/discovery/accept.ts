// Whether a client asks for aggregated discovery. kubectl names it first and plain JSON as the last resort.
import { PROTOBUF } from '@keelson/apimachinery'

/** Of every form. */
export const MEDIA_TYPES = ['application/json', 'application/yaml', PROTOBUF] as const
export type AggregatedMediaType = (typeof MEDIA_TYPES)[number]

/** Of the first clause of the header that is the aggregated form, whatever its `q`, as upstream. */
export function aggregatedMediaType(accept: string | undefined): AggregatedMediaType | undefined {
  if (accept === undefined || !accept.includes('apidiscovery.k8s.io')) return undefined
  for (const clause of accept.split(',')) {
    const [type, ...parameters] = clause.split(';').map((part) => part.trim())
    const isAggregated =
      parameters.includes('g=apidiscovery.k8s.io') &&
      parameters.includes('v=v2') &&
      parameters.includes('as=APIGroupDiscoveryList')
    const mediaType = MEDIA_TYPES.find((known) => known === type)
    if (isAggregated && mediaType !== undefined) return mediaType
  }
  return undefined
}
