// A label selector in a cell of a table, in the order and words of its canonical text.
import { labelSelectorFromObject } from '@keelson/apimachinery'
import type { LabelSelectorObject } from '../core/pod-types.ts'

/** `<error>` when it cannot be evaluated; '' when there is none or it is empty. */
export function selectorCell(selector: LabelSelectorObject | null | undefined): string {
  if (selector === undefined || selector === null) return ''
  try {
    return labelSelectorFromObject(selector).toString()
  } catch {
    // Validation refuses such selectors; what was stored before it did is still shown.
    return '<error>'
  }
}
