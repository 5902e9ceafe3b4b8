// Whether a client asks for aggregated discovery. kubectl names it first and plain JSON as the last resort.
import { PROTOBUF } from '@keelson/apimachinery'

const MEDIA_TYPES = ['application/json', PROTOBUF] as const
type AggregatedMediaType = (typeof MEDIA_TYPES)[number]

/** Of the first clause of the header that is the aggregated form; clauses that are refused (`q=0`) do not count. */
export function aggregatedMediaType(accept: string | undefined): AggregatedMediaType | undefined {
  if (accept === undefined || !accept.includes('apidiscovery.k8s.io')) return undefined
  for (const clause of accept.split(',')) {
    const [type, ...parameters] = clause.split(';').map((part) => part.trim())
    const isAggregated =
      parameters.includes('g=apidiscovery.k8s.io') &&
      parameters.includes('v=v2') &&
      parameters.includes('as=APIGroupDiscoveryList') &&
      !parameters.includes('q=0')
    const mediaType = MEDIA_TYPES.find((known) => known === type)
    if (isAggregated && mediaType !== undefined) return mediaType
  }
  return undefined
}
