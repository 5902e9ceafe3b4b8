// What the rules of a custom resource cost at worst: each one, as often as its values can be there, and all of them together.
import { type FieldError, type FieldPath, fieldForbidden } from '@keelson/apimachinery'
import { UNBOUNDED_COST } from '../cel/index.ts'
import type { JsonSchema } from '../structural-schema/json-schema.ts'

const RULE_LIMIT = 10_000_000
const TOTAL_LIMIT = 100_000_000
/** Rules that are less than a hundredth of what is allowed do not count among the most expensive. */
const MENTIONED_FROM = TOTAL_LIMIT / 100
const MOST_MENTIONED = 4
/** Upstream's limit of requests, in bytes. */
const MAX_REQUEST = 3 * 1024 * 1024

/** How often what is in the schema can be there, for each time that the schema is; undefined: nothing limits it. */
export function membersOf(schema: JsonSchema): number | undefined {
  if (schema.type === 'array') return atLeastZero(schema.maxItems)
  const isMap = schema.type === 'object' && schema.additionalProperties !== undefined
  return isMap ? atLeastZero(schema.maxProperties) : 1
}

const atLeastZero = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.max(0, value)

/** How often something of a size in bytes fits into a request. */
export const mostInRequest = (minimumSize: number): number => Math.floor(MAX_REQUEST / (minimumSize + ','.length))

export const timesOf = (cost: number, times: number): number => Math.min(cost * times, UNBOUNDED_COST)

export class RuleCosts {
  #total = 0
  #expensive: { readonly path: FieldPath; readonly cost: number }[] = []

  /** `name`: what costs so much, in the message. */
  add(errors: FieldError[], path: FieldPath, name: string, cost: number): void {
    if (cost > RULE_LIMIT) errors.push(fieldForbidden(path, excess(name, cost, RULE_LIMIT)))
    this.#total = Math.min(this.#total + cost, UNBOUNDED_COST)
    if (cost < MENTIONED_FROM) return
    this.#expensive.push({ path, cost })
    this.#expensive = this.#expensive.toSorted((a, b) => b.cost - a.cost).slice(0, MOST_MENTIONED)
  }

  /** `path`: of the schema as a whole. */
  checkTotal(errors: FieldError[], path: FieldPath): void {
    if (this.#total <= TOTAL_LIMIT) return
    const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
    for (const expensive of this.#expensive) errors.push(fieldForbidden(expensive.path, contributed))
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
    errors.push(fieldForbidden(path, excess(name, this.#total, TOTAL_LIMIT)))
  }
}

function excess(name: string, cost: number, limit: number): string {
  const factor = cost / limit
  // One digit would hide how little too much it is.
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`
  const advice =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
  return `${name} exceeds budget by factor of ${shown} ${advice}`
}
