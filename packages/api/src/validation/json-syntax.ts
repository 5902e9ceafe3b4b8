// Whether a text is a JSON object, told in the words of Go's decoder.
import { DecodeError, decodeJson } from '@keelson/apimachinery'

/** Undefined: it is an object (or null). */
export function jsonSyntaxError(text: string): string | undefined {
  try {
    const { value } = decodeJson(Buffer.from(text))
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
  } catch (error) {
    if (error instanceof DecodeError) return error.message
    throw error
  }
}
