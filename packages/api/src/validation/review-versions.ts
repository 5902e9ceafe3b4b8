// The versions of reviews that a webhook says it understands.
import { type FieldError, type FieldPath, fieldInvalid, fieldRequired, isDNS1035Label } from '@keelson/apimachinery'

/** What the server itself speaks. */
export const REVIEW_VERSIONS = ['v1', 'v1beta1']

export const hasKnownReviewVersion = (versions: readonly string[]): boolean =>
  versions.some((version) => REVIEW_VERSIONS.includes(version))

/** `missing` is the message when there are none. */
export function checkReviewVersions(
  errors: FieldError[],
  versions: readonly string[],
  path: FieldPath,
  { missing, requireKnown }: { readonly missing: string; readonly requireKnown: boolean },
): void {
  if (versions.length === 0) return void errors.push(fieldRequired(path, missing))
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
