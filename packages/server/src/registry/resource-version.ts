// The version of an object that a write names.
import { StatusError, goQuote } from '@keelson/apimachinery'

/** 0: none is named. Upstream answers 500 to what is not a number. */
export function parseResourceVersion(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  if (/^\d+$/.test(text)) return Number(text)
  throw new StatusError(500, '', `strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax`)
}
