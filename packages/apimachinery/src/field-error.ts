// Field paths and field errors: how validation says where and why, in upstream's words (apimachinery/util/validation/field).
import { goJson, goQuote } from './go-text.ts'

/**
 * A path such as `spec.containers[0].ports[1].name` or `metadata.annotations[a/b]`. Immutable, and no more than two pointers a
 * step: validation makes hundreds for an object without faults. The text is made when it is asked for.
 */
export class FieldPath {
  readonly #parent: FieldPath | undefined
  readonly #step: string | number
  /** Of a list or a map: written in brackets. */
  readonly #isItem: boolean

  constructor(parent: FieldPath | undefined, step: string | number, isItem: boolean) {
    this.#parent = parent
    this.#step = step
    this.#isItem = isItem
  }

  child(name: string, ...deeper: string[]): FieldPath {
    let path = new FieldPath(this, name, false)
    for (let index = 0; index < deeper.length; index++) path = new FieldPath(path, deeper[index] ?? '', false)
    return path
  }

  index(index: number): FieldPath {
    return new FieldPath(this, index, true)
  }

  key(key: string): FieldPath {
    return new FieldPath(this, key, true)
  }

  toString(): string {
    if (this.#parent === undefined) return ''
    const parent = this.#parent.toString()
    if (this.#isItem) return `${parent}[${this.#step}]`
    return this.#parent.#parent === undefined ? String(this.#step) : `${parent}.${this.#step}`
  }
}

/** The root of an object: `root.child('spec', 'replicas')` is `spec.replicas`. */
export const rootPath = new FieldPath(undefined, '', false)

/** `reason` of a StatusCause, and the words that begin its message. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid'

export interface FieldError {
  readonly type: FieldErrorType
  readonly field: string
  readonly badValue?: unknown
  readonly detail: string
}

const NO_VALUE = Symbol('no value')

const error = (type: FieldErrorType, path: FieldPath | string, badValue: unknown, detail: string): FieldError => ({
  type,
  field: String(path),
  badValue,
  detail,
})

export const fieldNotFound = (path: FieldPath | string, value: unknown): FieldError =>
  error('FieldValueNotFound', path, value, '')
export const fieldRequired = (path: FieldPath | string, detail: string): FieldError =>
  error('FieldValueRequired', path, '', detail)
export const fieldDuplicate = (path: FieldPath | string, value: unknown): FieldError =>
  error('FieldValueDuplicate', path, value, '')
export const fieldInvalid = (path: FieldPath | string, value: unknown, detail: string): FieldError =>
  error('FieldValueInvalid', path, value, detail)
/** For what is wrong as a whole: no value is shown. */
export const fieldInvalidAltogether = (path: FieldPath | string, detail: string): FieldError =>
  error('FieldValueInvalid', path, NO_VALUE, detail)
export const fieldTypeInvalid = (path: FieldPath | string, value: unknown, detail: string): FieldError =>
  error('FieldValueTypeInvalid', path, value, detail)
export const fieldForbidden = (path: FieldPath | string, detail: string): FieldError =>
  error('FieldValueForbidden', path, '', detail)
export const fieldInternal = (path: FieldPath | string, cause: unknown): FieldError =>
  error('InternalError', path, undefined, String(cause instanceof Error ? cause.message : cause))

/** `valid` is listed sorted, quoted, as upstream does. */
export function fieldNotSupported(path: FieldPath | string, value: unknown, valid: readonly string[]): FieldError {
  const detail = valid.length === 0 ? '' : `supported values: ${valid.map(goQuote).join(', ')}`
  return error('FieldValueNotSupported', path, value, detail)
}

/** The value is not repeated in the message: it is too long for that. `maxLength` < 0: no limit is named. */
export function fieldTooLong(path: FieldPath | string, maxLength: number): FieldError {
  const detail =
    maxLength >= 0 ? `may not be more than ${maxLength} byte${maxLength === 1 ? '' : 's'}` : 'value is too long'
  return error('FieldValueTooLong', path, undefined, detail)
}

export function fieldTooMany(path: FieldPath | string, actual: number, maxItems: number): FieldError {
  return error('FieldValueTooMany', path, actual, `must have at most ${maxItems} ${maxItems === 1 ? 'item' : 'items'}`)
}

const WORDS: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
}

/** A field error's text without its path (the `message` of a StatusCause). */
export function fieldErrorBody(fieldError: FieldError): string {
  const words = WORDS[fieldError.type]
  const withoutValue =
    fieldError.type === 'FieldValueRequired' ||
    fieldError.type === 'FieldValueForbidden' ||
    fieldError.type === 'FieldValueTooLong' ||
    fieldError.type === 'InternalError' ||
    fieldError.badValue === NO_VALUE
  const head = withoutValue ? words : `${words}: ${valueText(fieldError.badValue)}`
  return fieldError.detail === '' ? head : `${head}: ${fieldError.detail}`
}

/** `path: words: value: detail`, as in the message of an Invalid status. */
export function fieldErrorText(fieldError: FieldError): string {
  return `${fieldError.field}: ${fieldErrorBody(fieldError)}`
}

/** Upstream prints strings quoted as Go does, numbers and booleans bare, nil as null, and the rest as JSON. */
function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  return typeof value === 'string' ? goQuote(value) : goJson(value)
}
