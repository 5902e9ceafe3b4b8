// Whether what a body says of itself is the kind and version that it is read as, in upstream's words where it is not.
import { findKind } from '@keelson/api'
import { type GroupVersionKind, apiVersionOf, goQuote, parseApiVersion } from '@keelson/apimachinery'

export interface KindProblem {
  readonly kind: string
  readonly apiVersion: string
  /** Without its group. */
  readonly version: string
  /** The same kind in another version of its group: it could be converted. */
  readonly isOtherVersion: boolean
  readonly reason: string
}

/** Bodies of a version that is no longer served, and is read all the same. */
const SAME_AS: ReadonlyMap<string, string> = new Map([['policy/v1beta1/Eviction', 'policy/v1']])

/** Undefined where it says nothing, or what is expected. */
export function kindProblem(
  said: { readonly kind?: string; readonly apiVersion?: string },
  expected: GroupVersionKind,
): KindProblem | undefined {
  const kind = said.kind || expected.kind
  const expectedVersion = apiVersionOf(expected.group, expected.version)
  const apiVersion = SAME_AS.get(`${said.apiVersion}/${kind}`) ?? (said.apiVersion || expectedVersion)
  if (kind === expected.kind && apiVersion === expectedVersion) return undefined
  const version = parseApiVersion(apiVersion) ?? { group: '', version: apiVersion }
  const problem = { kind, apiVersion, version: version.version, isOtherVersion: false }
  const isRegistered =
    findKind({ ...version, kind }) !== undefined || isListKind(version, kind) || isMetaKind(kind, apiVersion)
  if (!isRegistered) {
    const reason = `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`
    return { ...problem, reason }
  }
  const reason = `converting (${version.version}.${kind}) to (${goPackage(expected.group)}.${expected.kind}): unknown conversion`
  const isOtherVersion = kind === expected.kind && goPackage(version.group) === goPackage(expected.group)
  return { ...problem, isOtherVersion, reason }
}

/** Kinds that upstream registers in every version. */
const META_KINDS: ReadonlySet<string> = new Set(['DeleteOptions', 'ListOptions', 'Status', 'WatchEvent'])

const isListKind = (version: { readonly group: string; readonly version: string }, kind: string): boolean =>
  kind.endsWith('List') && findKind({ ...version, kind: kind.slice(0, -'List'.length) }) !== undefined

const isMetaKind = (kind: string, apiVersion: string): boolean => apiVersion === 'v1' && META_KINDS.has(kind)

/** The Go package of a group's types, as messages print it. */
function goPackage(group: string): string {
  if (group === '' || group === 'events.k8s.io') return 'core'
  return group.split('.', 1)[0] ?? group
}
