// Which permissions a role lacks: rules compared by what they allow, not by how they are written (as upstream's reconciliation).

export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

/** The expected permissions that `existing` does not allow, each as a rule of one verb, one group and one resource (or one URL). */
export function missingRules(existing: readonly PolicyRule[], expected: readonly PolicyRule[]): PolicyRule[] {
  return expected.flatMap(singleRules).filter((single) => !existing.some((rule) => covers(rule, single)))
}

function singleRules({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): PolicyRule[] {
  const names = resourceNames.length === 0 ? [undefined] : resourceNames
  return verbs.flatMap((verb) => [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        names.map((name) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          ...(name !== undefined && { resourceNames: [name] }),
        })),
      ),
    ),
    ...nonResourceURLs.map((url) => ({ verbs: [verb], nonResourceURLs: [url] })),
  ])
}

/** `single` has one of each; `*` in the owner's rule allows all. */
function covers(owner: PolicyRule, single: PolicyRule): boolean {
  const allows = (have: readonly string[] = [], want: readonly string[] = []): boolean =>
    have.includes('*') || want.every((value) => have.includes(value))
  if (!allows(owner.verbs, single.verbs)) return false
  const url = single.nonResourceURLs?.[0]
  if (url !== undefined) {
    return (owner.nonResourceURLs ?? []).some(
      (have) => have === url || (have.endsWith('*') && url.startsWith(have.slice(0, -1))),
    )
  }
  const names = owner.resourceNames ?? []
  const namesAllow =
    names.length === 0 || ((single.resourceNames?.length ?? 0) > 0 && allows(names, single.resourceNames))
  return (
    namesAllow &&
    allows(owner.apiGroups, single.apiGroups) &&
    allowsResource(owner.resources, single.resources?.[0] ?? '')
  )
}

/** `pods/*` is not a pattern in RBAC, but `*` + `/status` is. */
function allowsResource(have: readonly string[] = [], resource: string): boolean {
  const slash = resource.indexOf('/')
  return have.includes('*') || have.includes(resource) || (slash >= 0 && have.includes(`*${resource.slice(slash)}`))
}
