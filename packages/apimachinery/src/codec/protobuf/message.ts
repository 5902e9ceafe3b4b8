// How messages are described: facts say each field's number, JSON name and type; what the encoder and the decoder walk is made
// of them at a message's first use.

/** Scalar type (`string`, `bool`, `bytes`, `double`, `int32`, `int64`) or the name of another message. */
export type ProtobufType = string
/**
 * `pointer`: written when it is there (the others are written always, empty if need be). `embedded`: a message whose fields
 * stand in the JSON of the outer object.
 */
export type ProtobufField = readonly [name: string, type: ProtobufType, shape?: 'pointer' | 'list' | 'map' | 'embedded']
/** By field number. */
export type ProtobufFields = Readonly<Record<string, ProtobufField>>

export type Shape = 'always' | 'pointer' | 'list' | 'map' | 'embedded'

/** How a value is written; those from `quantity` on are messages whose JSON is not an object of their fields. */
export const VALUE = {
  text: 0,
  bool: 1,
  int64: 2,
  double: 3,
  bytes: 4,
  message: 5,
  quantity: 6,
  time: 7,
  microTime: 8,
  integerOrText: 9,
  rawJson: 10,
  texts: 11,
  schemaOrList: 12,
  schemaOrBool: 13,
  int32: 14,
} as const
export type ValueKind = (typeof VALUE)[keyof typeof VALUE]

export interface Field {
  readonly number: number
  readonly name: string
  readonly shape: Shape
  readonly kind: ValueKind
  /** Of `message`, and of the alternatives that hold schemas. */
  readonly message: Message | undefined
  /** What is written for an absent value: `always` fields have it. */
  zero: Buffer | undefined
}

export interface Message {
  readonly name: string
  /** In ascending order of their numbers. */
  readonly fields: readonly Field[]
  readonly byNumber: readonly (Field | undefined)[]
}

const SCALARS: Readonly<Record<string, ValueKind>> = {
  string: VALUE.text,
  bool: VALUE.bool,
  int32: VALUE.int32,
  int64: VALUE.int64,
  double: VALUE.double,
  bytes: VALUE.bytes,
}

/** By the last part of the message's name. */
const SPECIAL: Readonly<Record<string, ValueKind>> = {
  Quantity: VALUE.quantity,
  Time: VALUE.time,
  MicroTime: VALUE.microTime,
  IntOrString: VALUE.integerOrText,
  RawExtension: VALUE.rawJson,
  FieldsV1: VALUE.rawJson,
  JSON: VALUE.rawJson,
  ExtraValue: VALUE.texts,
  Verbs: VALUE.texts,
  JSONSchemaPropsOrArray: VALUE.schemaOrList,
  JSONSchemaPropsOrStringArray: VALUE.schemaOrList,
  JSONSchemaPropsOrBool: VALUE.schemaOrBool,
}

/** All messages of the facts, each made at its first use. */
export class ProtobufMessages {
  readonly #facts: Readonly<Record<string, ProtobufFields>>
  readonly #made = new Map<string, Message>()

  constructor(facts: Readonly<Record<string, ProtobufFields>>) {
    this.#facts = facts
  }

  get(name: string): Message | undefined {
    const made = this.#made.get(name)
    if (made !== undefined) return made
    const facts = this.#facts[name]
    return facts && this.#make(name, facts)
  }

  names(): string[] {
    return Object.keys(this.#facts)
  }

  #make(name: string, facts: ProtobufFields): Message {
    const fields: Field[] = []
    const byNumber: (Field | undefined)[] = []
    const message = { name, fields, byNumber }
    // Before its fields: a message may hold itself.
    this.#made.set(name, message)
    const numbers = Object.keys(facts)
      .map(Number)
      .toSorted((a, b) => a - b)
    for (let number = 0; number <= (numbers.at(-1) ?? 0); number++) {
      const fact = facts[number]
      const field = fact && this.#field(number, fact)
      byNumber.push(field)
      if (field !== undefined) fields.push(field)
    }
    return message
  }

  #field(number: number, [name, type, shape]: ProtobufField): Field {
    const scalar = SCALARS[type]
    const kind = scalar ?? SPECIAL[type.slice(type.lastIndexOf('.') + 1)] ?? VALUE.message
    const message = scalar === undefined ? this.get(type) : undefined
    if (scalar === undefined && message === undefined) throw new Error(`no facts about the message ${type}`)
    return { number, name, shape: shape ?? 'always', kind, message, zero: undefined }
  }
}
