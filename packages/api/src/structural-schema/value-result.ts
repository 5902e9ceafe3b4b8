// What is wrong with a value by a JSON schema, and how much of the schema it kept: among the failures of alternatives, the one
// that kept most is told. Messages are those of the validator that upstream uses; the same message is told once.
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  fieldTooMany,
  fieldTypeInvalid,
  goJson,
  goQuote,
} from '@keelson/apimachinery'

export interface ValueError {
  /** Where, from the value: `.a.b[0]`, `a.b`; undefined for what is told of the value as a whole. */
  readonly path: string | undefined
  readonly message: string
  toFieldError(path: FieldPath): FieldError
}

export class ValueResult {
  readonly errors: ValueError[] = []
  readonly #messages = new Set<string>()
  matches = 0

  add(error: ValueError): void {
    if (this.#messages.has(error.message)) return
    this.#messages.add(error.message)
    this.errors.push(error)
  }

  merge(other: ValueResult | undefined): void {
    if (other === undefined) return
    for (const error of other.errors) this.add(error)
    this.matches += other.matches
  }

  get isValid(): boolean {
    return this.errors.length === 0
  }
}

const at = (base: FieldPath, path: string): FieldPath =>
  path === '' || path === '.' ? base : base.child(path.replace(/^\./, ''))

type Make = (path: FieldPath, message: string) => FieldError

const error = (path: string, message: string, make: Make): ValueError => ({
  path,
  message,
  toFieldError: (base) => make(at(base, path), message),
})

/** Without a place and a value of its own. */
export const generalError = (message: string): ValueError => ({
  path: undefined,
  message,
  toFieldError: (base) => fieldInvalid(base, '', message),
})

/** `found` is what Go calls the type that was found, or the text that has not the format. */
export const wrongType = (path: string, wanted: string, found: string): ValueError =>
  error(path, `${path} in body must be of type ${wanted}: ${goQuote(found)}`, (where, message) =>
    fieldTypeInvalid(where, found, message),
  )

export const missing = (path: string): ValueError =>
  error(path, `${path} in body is required`, (where) => fieldRequired(where, ''))

export const notInEnum = (path: string, value: unknown, values: readonly unknown[], shown: string): ValueError =>
  error(path, `${path} in body should be one of ${shown}`, (where) =>
    fieldNotSupported(
      where,
      value,
      values.map((item) => (typeof item === 'string' ? item : goJson(item))),
    ),
  )

export const tooLong = (path: string, limit: number): ValueError =>
  error(path, `${path} in body should be at most ${limit} chars long`, (where) => fieldTooLong(where, limit))

export const tooManyItems = (path: string, count: number, limit: number): ValueError =>
  error(path, `${path} in body should have at most ${limit} items`, (where) => fieldTooMany(where, count, limit))

export const tooManyProperties = (path: string, count: number, limit: number): ValueError =>
  error(path, `${path} in body should have at most ${limit} properties`, (where) => fieldTooMany(where, count, limit))

/** Anything else: the value is shown with what should be. */
export const shouldBe = (path: string, value: unknown, rule: string): ValueError =>
  error(path, `${path} in body ${rule}`, (where, message) => fieldInvalid(where, value, message))

/** For the few whose message is not `PATH in body …`. */
export const invalidAs = (path: string, value: unknown, text: string): ValueError =>
  error(path, text, (where, message) => fieldInvalid(where, value, message))
