// Amounts of resources are kept in thousandths: what is finer is rounded up when it comes in.
import { Quantity, parseQuantity } from '@keelson/apimachinery'
import type { ResourceList, ResourceRequirements } from './pod-types.ts'

const NANO_IN_MILLI = 10n ** 6n
/** Canonical texts of amounts with more than three decimal places end like this; the schema has made them canonical. */
const FINER_THAN_MILLI = /[un]$|e-\d+$/

/** In place. */
export function roundUpAmounts(list: ResourceList | undefined): void {
  for (const name in list) {
    const text = list[name]
    if (text === undefined || !FINER_THAN_MILLI.test(text)) continue
    const amount = parseQuantity(text)
    list[name] = new Quantity(amount.milliValue() * NANO_IN_MILLI, amount.format).toString()
  }
}

export function roundUpRequirements(resources: ResourceRequirements | undefined): void {
  roundUpAmounts(resources?.limits)
  roundUpAmounts(resources?.requests)
}
