// Objects of any built-in kind for property tests: every shape that its message can hold.
import fc from 'fast-check'
import type { JsonObject, JsonValue, ProtobufMessage } from '@keelson/apimachinery'

/** Trees of any shape that a message may have. Depth is bounded: schemas of custom resources hold themselves. */
export class GeneratedObjects {
  readonly #made = new Map<string, fc.Arbitrary<JsonObject>>()

  of(message: ProtobufMessage, depth: number): fc.Arbitrary<JsonObject> {
    const key = `${message.name} ${depth}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const record = fc.record(this.#fields(message, depth), { requiredKeys: [] })
    const made = record.map((members) => members as JsonObject) // Members that are left out are not undefined: they are not there.
    this.#made.set(key, made)
    return made
  }

  #fields(message: ProtobufMessage, depth: number): Record<string, fc.Arbitrary<JsonValue>> {
    const fields: Record<string, fc.Arbitrary<JsonValue>> = {}
    for (const field of message.fields) {
      if (field.shape === 'embedded' && field.message !== undefined) {
        Object.assign(fields, this.#fields(field.message, depth))
        continue
      }
      const value = this.#value(field, depth)
      if (value === undefined) continue
      fields[field.name] =
        field.shape === 'list'
          ? fc.array(value, { maxLength: 3 })
          : field.shape === 'map'
            ? fc.dictionary(fc.string({ maxLength: 30, unit: 'grapheme' }), value, {
                maxKeys: 4,
                noNullPrototype: true,
              })
            : value
    }
    return fields
  }

  /** Undefined: too deep. */
  #value(field: ProtobufMessage['fields'][number], depth: number): fc.Arbitrary<JsonValue> | undefined {
    const named = VALUES[field.message?.name.split('.').at(-1) ?? '']
    if (named !== undefined) return named
    if (field.message === undefined) return SCALARS[field.kind]
    if (depth === 0) return undefined
    const nested = this.of(field.message, depth - 1)
    const alternative = field.message.byNumber[2]
    if (!field.message.name.includes('JSONSchemaPropsOr')) return nested
    const schema = field.message.fields.find(({ name }) => name === 'schema')?.message
    if (schema === undefined) return undefined
    const schemas = this.of(schema, depth - 1)
    if (field.message.name.endsWith('Bool')) return fc.oneof(fc.boolean(), schemas)
    const item = alternative?.message === undefined ? fc.string() : schemas
    return fc.oneof(schemas, fc.array<JsonValue>(item, { minLength: 1, maxLength: 2 }))
  }
}

const INT32 = 2 ** 31 - 1
/** By VALUE: text, bool, int64, double, bytes; int32. */
const SCALARS: Record<number, fc.Arbitrary<JsonValue>> = {
  0: fc.string({ maxLength: 60, unit: 'grapheme' }),
  1: fc.boolean(),
  2: fc.maxSafeInteger(),
  3: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  4: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  14: fc.integer({ min: -INT32, max: INT32 }),
}

const seconds = fc.integer({ min: -62_135_596_799, max: 253_402_300_799 })
const timeOf = (at: number): string => `${new Date(at * 1000).toISOString().slice(0, 19)}`
const VALUES: Record<string, fc.Arbitrary<JsonValue>> = {
  Quantity: fc.constantFrom('1', '100m', '2Gi', '12e6'),
  Time: seconds.map((at) => `${timeOf(at)}Z`),
  MicroTime: fc
    .tuple(seconds, fc.nat(999_999))
    .map(([at, micros]) => `${timeOf(at)}.${String(micros).padStart(6, '0')}Z`),
  IntOrString: fc.oneof(fc.integer({ min: -INT32, max: INT32 }), fc.string()),
  RawExtension: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<JsonValue>, { noNullPrototype: true }),
  FieldsV1: fc.constant({ 'f:metadata': { '.': {} } }),
  JSON: fc.constantFrom<JsonValue>('a', 1, [true], { b: null }),
  ExtraValue: fc.array(fc.string(), { maxLength: 3 }),
}
