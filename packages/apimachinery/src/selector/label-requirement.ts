// One requirement of a label selector: checked, prepared for matching, and written as text.
import { compareBytes, goQuote } from '../go-text.ts'
import type { LabelRequirement } from '../selector.ts'
import { badRequest } from '../status.ts'
import { isLabelValue, isQualifiedName } from '../validation/names.ts'

type Operator = LabelRequirement['operator']

/** One checked requirement; StatusError 400 naming everything that is wrong with it. */
export function checkedRequirement(key: string, operator: Operator, values: readonly string[]): LabelRequirement {
  const errors: string[] = []
  const keyErrors = isQualifiedName(key)
  if (keyErrors.length > 0) errors.push(`key: Invalid value: ${goQuote(key)}: ${keyErrors.join('; ')}`)
  const list = values.length === 0 ? 'null' : JSON.stringify(values)
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length === 0)
        errors.push(`values: Invalid value: ${list}: for 'in', 'notin' operators, values set can't be empty`)
      break
    case 'exists':
    case '!':
      if (values.length > 0)
        errors.push(`values: Invalid value: ${list}: values set must be empty for exists and does not exist`)
      break
    case 'gt':
    case 'lt':
      values.forEach((value, index) => {
        if (parseInt64(value) === undefined) {
          errors.push(
            `values[${index}]: Invalid value: ${goQuote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
          )
        }
      })
      break
    default:
      break
  }
  values.forEach((value, index) => {
    const valueErrors = isLabelValue(value)
    if (valueErrors.length > 0)
      errors.push(`values[${index}][${key}]: Invalid value: ${goQuote(value)}: ${valueErrors.join('; ')}`)
  })
  if (errors.length > 0) throw badRequest(errors.length === 1 ? errors[0]! : `[${[...new Set(errors)].join(', ')}]`)
  return { key, operator, values }
}

const MANY_VALUES = 8

/** One requirement, prepared so that matching allocates nothing. */
export class Matcher {
  readonly requirement: LabelRequirement
  readonly text: string
  readonly #key: string
  readonly #operator: Operator
  readonly #values: readonly string[]
  readonly #set: ReadonlySet<string> | undefined
  readonly #bound: bigint

  constructor(requirement: LabelRequirement) {
    this.requirement = requirement
    this.text = requirementText(requirement)
    this.#key = requirement.key
    this.#operator = requirement.operator
    this.#values = requirement.values
    this.#set = requirement.values.length > MANY_VALUES ? new Set(requirement.values) : undefined
    this.#bound = parseInt64(requirement.values[0] ?? '') ?? 0n
  }

  matches(labels: Readonly<Record<string, string>> | undefined): boolean {
    const value = labels === undefined ? undefined : labels[this.#key]
    // `constructor` and its like are inherited by every object, and are not strings.
    const present = typeof value === 'string'
    switch (this.#operator) {
      case '=':
      case '==':
      case 'in':
        return present && this.#has(value)
      case '!=':
      case 'notin':
        return !present || !this.#has(value)
      case 'exists':
        return present
      case '!':
        return !present
      case 'gt':
      case 'lt':
        return present && this.#compare(value)
    }
  }

  #has(value: string): boolean {
    if (this.#set !== undefined) return this.#set.has(value)
    for (let index = 0; index < this.#values.length; index++) if (this.#values[index] === value) return true
    return false
  }

  #compare(value: string): boolean {
    const number = parseInt64(value)
    if (number === undefined) return false
    return this.#operator === 'gt' ? number > this.#bound : number < this.#bound
  }
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  const list = values.length > 1 ? values.toSorted(compareBytes).join(',') : (values[0] ?? '')
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${list})`
    case 'gt':
      return `${key}>${list}`
    case 'lt':
      return `${key}<${list}`
    default:
      return `${key}${operator}${list}`
  }
}

/** strconv.ParseInt(text, 10, 64); undefined where that fails. */
function parseInt64(text: string): bigint | undefined {
  if (text.length > 64 || !/^[+-]?[0-9]+$/.test(text)) return undefined
  const number = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return BigInt.asIntN(64, number) === number ? number : undefined
}
