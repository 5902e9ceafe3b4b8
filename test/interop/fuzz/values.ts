// Values for a place in an object: plausible ones by its schema, and the ones that break things.
import type { JsonMap } from '../../conformance/exchange.ts'
import { type Schema, type Schemas, resolveSchema } from './kinds.ts'
import type { Random } from './random.ts'

const STRINGS = ['a', 'example', 'web', 'x-1', 'example.com', 'kubernetes.io/hostname', 'value', '8080', '/data']
const QUANTITIES = ['1', '100m', '64Mi', '1.5Gi', '0', '2k', '1e3', '500u']
const TIMES = ['2020-01-02T03:04:05Z', '2031-05-06T07:08:09Z']
const MAX_DEPTH = 4

/** A value of the schema's type: often valid, never checked. */
export function plausible(given: Schema | undefined, schemas: Schemas, random: Random, depth = 0): unknown {
  const schema = resolveSchema(given, schemas)
  if (schema.enum && schema.enum.length > 0) return random.pick(schema.enum)
  const { type, format } = schema
  if (format === 'int-or-string') return random.pick<unknown>([1, 8080, '25%', 'http', 0])
  if (schema.oneOf !== undefined) return random.pick(QUANTITIES)
  if (type === 'integer') return random.pick([0, 1, 2, 5, 30, 80, 1000])
  if (type === 'number') return random.pick([0, 1, 0.5])
  if (type === 'boolean') return random.chance(0.5)
  if (type === 'string') {
    if (format === 'date-time') return random.pick(TIMES)
    return format === 'byte' ? 'YWJj' : random.pick(STRINGS)
  }
  if (type === 'array') return depth > MAX_DEPTH ? [] : [plausible(schema.items, schemas, random, depth + 1)]
  if (schema.additionalProperties !== undefined) {
    return { [random.pick(['a', 'example.com/b'])]: plausible(schema.additionalProperties, schemas, random, depth + 1) }
  }
  return plausibleObject(schema, schemas, random, depth)
}

function plausibleObject({ properties = {}, required = [] }: Schema, schemas: Schemas, random: Random, depth: number) {
  const names = Object.keys(properties)
  const chosen = new Set(required)
  if (depth <= MAX_DEPTH && names.length > 0) {
    for (let more = random.below(3); more > 0; more--) chosen.add(random.pick(names))
  }
  const object: JsonMap = {}
  for (const name of names) {
    if (chosen.has(name)) object[name] = plausible(properties[name], schemas, random, depth + 1)
  }
  return object
}

/** Another value of the same JSON type, near what is there, at a boundary, or wrong in one respect. */
export function altered(value: unknown, schema: Schema, random: Random): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return alteredNumber(value, random)
  if (typeof value === 'string') return alteredString(value, schema, random)
  return value
}

const alteredNumber = (value: number, random: Random): number =>
  random.weighted<() => number>([
    [4, () => value + 1],
    [2, () => Math.max(0, value - 1)],
    [2, () => random.pick([0, 1, 2, 10, 100])],
    [1, () => random.pick([-1, 65535, 65536, 2147483647, 2147483648, -2147483648, 1.5, 9007199254740991])],
  ])()

function alteredString(value: string, schema: Schema, random: Random): string {
  if (schema.enum && random.chance(0.7)) return random.pick([...schema.enum, 'Bogus', ''])
  if (schema.oneOf !== undefined || /^\d+(\.\d+)?([mkMGTPEun]|[KMGTPE]i)?$/.test(value))
    return random.pick([...QUANTITIES, '-1', '1n', '0.5', '12345678901234567890', '1.5.5', '10', '2Gi', '200m'])
  if (/^\d{4}-\d\d-\d\dT/.test(value))
    return random.pick([...TIMES, '2020-01-02', '2020-01-02T03:04:05.123456Z', '2020-01-02T03:04:05+02:00', 'now'])
  if (/^\d+\.\d+\.\d+\.\d+$|::/.test(value))
    return random.pick(['10.1.2.3', '::1', 'fd00::1', '010.1.2.3', '127.0.0.1', '1.2.3', '0.0.0.0', '10.1.2.3/8'])
  if (/^[\d.]+\/\d+$/.test(value))
    return random.pick(['10.20.0.0/16', '10.20.1.0/16', 'fd00::/64', '10.0.0.0', '10.0.0.0/33', '010.0.0.0/8'])
  if (/^\d+%$/.test(value)) return random.pick(['50%', '0%', '100%', '101%', '-1%', '%', '5'])
  return random.weighted<() => string>([
    [6, () => `${value}x`],
    [4, () => random.pick(STRINGS)],
    [2, () => value.toLowerCase()],
    [1, () => ''],
    [1, () => value.toUpperCase()],
    [1, () => `${value}${'a'.repeat(random.pick([63, 64, 253, 254]))}`.slice(0, random.pick([63, 64, 253, 254]))],
    [
      1,
      () =>
        random.pick(['Bad_Name', 'a..b', '-a', 'a-', 'ü', 'a b', 'a/b', 'a/b/c', '.', '..', '/', '{}', ' a', 'a\n']),
    ],
    [
      1,
      () => random.pick(['$(A)', '*.example.com', '*', 'https://example.com/a?b#c', 'a=b', '../a', 'tru', '1.2.3.4']),
    ],
  ])()
}

/** A value of another JSON type. */
export const retyped = (value: unknown, random: Random): unknown =>
  random.pick<unknown>([
    null,
    typeof value === 'string' ? 1 : String(value),
    typeof value === 'boolean' ? 'true' : true,
    Array.isArray(value) ? {} : [],
    typeof value === 'object' ? 'object' : { a: 'b' },
    1.5,
  ])
