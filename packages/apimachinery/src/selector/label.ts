// Label selectors: the text form (`a=b,c in (d,e),!f,g>5`), the object form (metav1.LabelSelector), and matching.
// Grammar and messages are those of apimachinery/labels.
import { goQuote, compareBytes } from '../go-text.ts'
import type { LabelRequirement, LabelSelector } from '../selector.ts'
import { badRequest } from '../status.ts'
import type { JsonValue } from '../types.ts'
import { parseRequirements } from './label-parser.ts'
import { Matcher, checkedRequirement } from './label-requirement.ts'

/** Longer texts are refused: matching costs time in proportion to the requirements, for every object. */
export const MAX_SELECTOR_LENGTH = 1 << 20
export const MAX_REQUIREMENTS = 4096

type Operator = LabelRequirement['operator']

/** Parses the text form. StatusError 400 with upstream's message. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text === '') return everything()
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw badRequest(`label selector is too long: ${text.length} characters, at most ${MAX_SELECTOR_LENGTH}`)
  }
  return labelSelectorOf(parseRequirements(text, MAX_REQUIREMENTS))
}

/** A selector of these requirements; they need not be sorted. */
export function labelSelectorOf(requirements: readonly LabelRequirement[]): LabelSelector {
  if (requirements.length === 0) return everything()
  return new Requirements(requirements.map((requirement) => new Matcher(requirement)))
}

/** `{a: 'b'}` → `a=b`, without validation. */
export function labelSelectorFromSet(labels: Readonly<Record<string, string>>): LabelSelector {
  return labelSelectorOf(Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] })))
}

/**
 * metav1.LabelSelector: `null` or undefined selects nothing, `{}` everything. StatusError 400 for unknown operators and
 * invalid keys or values.
 */
export function labelSelectorFromObject(
  selector: { readonly matchLabels?: unknown; readonly matchExpressions?: unknown } | null | undefined,
): LabelSelector {
  if (selector === null || selector === undefined) return nothing()
  const requirements: LabelRequirement[] = []
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}))
    requirements.push(checkedRequirement(key, '=', [String(value)]))
  const expressions: readonly unknown[] = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : []
  for (const expression of expressions) requirements.push(requirementFromExpression(expression))
  return labelSelectorOf(requirements)
}

const EXPRESSION_OPERATORS: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

function requirementFromExpression(expression: unknown): LabelRequirement {
  // The schema has checked the shape where it matters; here anything else reads as empty.
  const { key, operator, values } = (typeof expression === 'object' && expression !== null ? expression : {}) as Record<
    string,
    JsonValue
  >
  const name = String(operator ?? '')
  const known = Object.hasOwn(EXPRESSION_OPERATORS, name) ? EXPRESSION_OPERATORS[name] : undefined
  if (known === undefined) throw badRequest(`${goQuote(name)} is not a valid label selector operator`)
  return checkedRequirement(String(key ?? ''), known, Array.isArray(values) ? values.map(String) : [])
}

class Everything implements LabelSelector {
  readonly requirements: readonly LabelRequirement[] = []
  readonly matchesEverything = true
  matches(): boolean {
    return true
  }
  toString(): string {
    return ''
  }
}

class Nothing implements LabelSelector {
  readonly requirements: readonly LabelRequirement[] = []
  readonly matchesEverything = false
  matches(): boolean {
    return false
  }
  toString(): string {
    // Not upstream's '' (its texts never meet): a watch group must not take this for everything.
    return '<none>'
  }
}

const EVERYTHING: LabelSelector = new Everything()
const NOTHING: LabelSelector = new Nothing()
export const everything = (): LabelSelector => EVERYTHING
export const nothing = (): LabelSelector => NOTHING

class Requirements implements LabelSelector {
  readonly requirements: readonly LabelRequirement[]
  readonly matchesEverything = false
  readonly #matchers: readonly Matcher[]
  readonly #text: string

  constructor(matchers: Matcher[]) {
    this.#matchers = matchers.sort((a, b) => compareBytes(a.requirement.key, b.requirement.key))
    this.requirements = this.#matchers.map((matcher) => matcher.requirement)
    this.#text = this.#matchers.map((matcher) => matcher.text).join(',')
  }

  matches(labels: Readonly<Record<string, string>> | undefined): boolean {
    for (let index = 0; index < this.#matchers.length; index++) {
      if (!this.#matchers[index]!.matches(labels)) return false
    }
    return true
  }

  toString(): string {
    return this.#text
  }
}
