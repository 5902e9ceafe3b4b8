// Whether a client asks for aggregated discovery. kubectl names it first and plain JSON as the last resort.

/** Whether one clause of the header is the aggregated form in JSON; clauses that are refused (`q=0`) do not count. */
export function acceptsAggregated(accept: string | undefined): boolean {
  if (accept === undefined || !accept.includes('apidiscovery.k8s.io')) return false
  return accept.split(',').some(isAggregatedClause)
}

function isAggregatedClause(clause: string): boolean {
  const [type, ...parameters] = clause.split(';').map((part) => part.trim())
  return (
    type === 'application/json' &&
    parameters.includes('g=apidiscovery.k8s.io') &&
    parameters.includes('v=v2') &&
    parameters.includes('as=APIGroupDiscoveryList') &&
    !parameters.includes('q=0')
  )
}
