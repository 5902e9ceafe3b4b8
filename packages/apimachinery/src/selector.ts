// Label and field selectors: parsed once, matched many times.

export interface LabelRequirement {
  readonly key: string
  readonly operator: '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'
  readonly values: readonly string[]
}

export interface LabelSelector {
  readonly requirements: readonly LabelRequirement[]
  readonly matchesEverything: boolean
  matches(labels: Readonly<Record<string, string>> | undefined): boolean
  /** Canonical text: equal selectors have equal text (watch groups are keyed by it). */
  toString(): string
}

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[]
  readonly matchesEverything: boolean
  /** `get` gives the value of a field path, '' when absent. */
  matches(get: (field: string) => string): boolean
  /** The value that a field must equal, when the selector says so (`spec.nodeName=x` → x): what indexes are looked up by. */
  requiresExactMatch(field: string): string | undefined
  toString(): string
}
