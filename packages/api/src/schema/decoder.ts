// The shape of a decoder: one object per Go type, made once, used for every value of that type. Values are JSON trees; they
// may belong to others (a patch is decoded over parts of the stored object), so nothing of them is changed.
import type { JsonValue } from '@keelson/apimachinery'
import type { DecodeContext } from './context.ts'

export interface Decoder {
  /** As Go's error messages name it: `int32`, `v1.PullPolicy`, `map[string]string`. */
  readonly goType: string
  /** True for structs: omitempty never omits them. */
  readonly neverEmpty: boolean
  /** undefined where the Go value would stay zero: null was given, or a wrong type (the context has the error). */
  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined
  /** Whether omitempty omits a decoded value. */
  isEmpty(value: JsonValue): boolean
  /** How a zero value is written: `""`, `0`, null for lists and maps, a struct with its required fields. Fresh each time. */
  zero(): JsonValue
}
