// Encoders of the protobuf messages of gnostic-models, by which clients read OpenAPI documents: what is common to v2 and v3.
// A message is described by its fields; the values are those of the document's JSON.

/** The content of a message. */
export type Encode = (value: unknown) => Buffer[]
/** A field of it, its tag included. A repeated field is several. */
export type Write = (number: number, value: unknown) => Buffer

export const text: Write = (number, value) => bytes(number, [Buffer.from(String(value))])

export const boolean: Write = (number, value) => Buffer.concat([varint(number * 8), varint(value === true ? 1 : 0)])

export const integer: Write = (number, value) => Buffer.concat([varint(number * 8), varint(Number(value))])

export const double: Write = (number, value) => {
  const content = Buffer.alloc(8)
  content.writeDoubleLE(Number(value))
  return Buffer.concat([varint(number * 8 + 1), content])
}

/** A value of any type is YAML, and JSON is YAML. */
export const any: Write = (number, value) => bytes(number, [text(2, JSON.stringify(value))])

export const message =
  (encode: Encode): Write =>
  (number, value) =>
    bytes(number, encode(value))

export const repeated =
  (write: Write): Write =>
  (number, value) =>
    Buffer.concat((Array.isArray(value) ? value : []).map((item) => write(number, item)))

/** A message whose one field is `value`: lists that gnostic wraps, and the cases of a oneof. */
export const wrapped =
  (number: number, write: Write): Encode =>
  (value) => [write(number, value)]

/** A map: a message of entries in field `number`, each a name and a value. */
export const entries =
  (number: number, write: Write): Encode =>
  (value) =>
    Object.entries(toObject(value)).map(([name, item]) => entry(number, name, write(ENTRY.value, item)))

export const ENTRY = { name: 1, value: 2 } as const

export const entry = (number: number, name: string, value: Buffer): Buffer =>
  bytes(number, [text(ENTRY.name, name), value])

/** `extensions`: the field for what begins with `x-`. Members that the table does not have are left out. */
export const fields =
  (table: Readonly<Record<string, readonly [number: number, write: Write]>>, extensions?: number): Encode =>
  (value) => {
    const parts: Buffer[] = []
    for (const [name, item] of Object.entries(toObject(value))) {
      const field = Object.hasOwn(table, name) ? table[name] : undefined
      if (field !== undefined) parts.push(field[1](field[0], item))
      else if (extensions !== undefined && name.startsWith('x-'))
        parts.push(entry(extensions, name, any(ENTRY.value, item)))
    }
    return parts
  }

const toObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {})

/** A length-delimited field. */
export function bytes(number: number, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([varint(number * 8 + 2), varint(length), ...parts])
}

function varint(value: number): Buffer {
  const digits: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) digits.push((rest % 0x80) + 0x80)
  return Buffer.from([...digits, rest])
}
