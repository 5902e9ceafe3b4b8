// What an expression can see at the place where it stands: variables, functions, macros, and the fields of types.
import { commonFunctions, type Functions } from './declarations.ts'
import { type Macros, MACROS } from './macros.ts'
import { RESERVED_WORDS } from './reserved-words.ts'
import {
  ANY,
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  opaque,
  parameter,
  STRING,
  struct,
  TIMESTAMP,
  TYPE,
  type Type,
  typeOf,
  UINT,
} from './types.ts'

/** A type and what is known of its values beyond it: their fields, and how large they get. */
export interface DeclaredType {
  readonly type: Type
  /** Of objects. Names that are words of CEL are escaped: `__namespace__`. */
  readonly fields?: ReadonlyMap<string, DeclaredType>
  /** Of maps. */
  readonly key?: DeclaredType
  /** Of lists and maps. */
  readonly element?: DeclaredType
  /** Of maps whose values are as large as `element`, however they are named. */
  readonly hasAnyField?: boolean
  /** Bytes of a text, elements of a list or a map. */
  readonly maximum?: number
}

/** The type of one field, or undefined when there is no such field. */
type FieldLookup = (field: string) => Type | undefined

export interface Environment {
  readonly variables: ReadonlyMap<string, DeclaredType>
  readonly functions: Functions
  readonly macros: Macros
  /** The fields of a type that expressions can name; undefined for others. */
  readonly fieldsOf: (typeName: string) => FieldLookup | undefined
}

export interface EnvironmentOptions {
  readonly functions?: Functions
  readonly macros?: Macros
  /** Types beyond those of the variables. */
  readonly fieldsOf?: Environment['fieldsOf']
}

export function makeEnvironment(
  variables: Readonly<Record<string, DeclaredType>>,
  { functions = commonFunctions(), macros = MACROS, fieldsOf }: EnvironmentOptions = {},
): Environment {
  const structs = new Map<string, DeclaredType>()
  for (const declared of Object.values(variables)) collectStructs(declared, structs)
  return {
    variables: new Map(Object.entries(variables)),
    functions,
    macros,
    fieldsOf: (name) => {
      const declared = structs.get(name)
      return declared === undefined ? fieldsOf?.(name) : (field) => fieldType(declared, field)
    },
  }
}

function collectStructs(declared: DeclaredType, structs: Map<string, DeclaredType>): void {
  if (declared.fields !== undefined) {
    if (structs.has(declared.type.name)) return
    structs.set(declared.type.name, declared)
    for (const field of declared.fields.values()) collectStructs(field, structs)
  }
  if (declared.element !== undefined) collectStructs(declared.element, structs)
}

/** `namespace` may be written though it is a word of the language. */
export const fieldDeclaration = (declared: DeclaredType, field: string): DeclaredType | undefined =>
  declared.fields?.get(field) ?? (RESERVED_WORDS.has(field) ? declared.fields?.get(`__${field}__`) : undefined)

const fieldType = (declared: DeclaredType, field: string): Type | undefined => fieldDeclaration(declared, field)?.type

/** Names that stand for types wherever an expression is. */
const TYPE_NAMES: ReadonlyMap<string, Type> = new Map([
  ...[BOOL, BYTES, DOUBLE, INT, STRING, UINT, DURATION, TIMESTAMP, NULL, TYPE].map((type): [string, Type] => [
    type.name,
    type,
  ]),
  ['duration', DURATION],
  ['timestamp', TIMESTAMP],
  ['list', listOf(parameter('A'))],
  ['map', mapOf(parameter('A'), parameter('B'))],
  ['optional_type', opaque('optional_type')],
  ['net.IP', opaque('net.IP')],
  ['net.CIDR', opaque('net.CIDR')],
  ['google.protobuf.Any', ANY],
  ['google.protobuf.Value', DYN],
  ['google.protobuf.Struct', mapOf(STRING, DYN)],
  ['google.protobuf.ListValue', listOf(DYN)],
])

/** The type of what a name stands for in the place's own scope. */
export function typeOfName(environment: Environment, name: string): Type | undefined {
  const variable = environment.variables.get(name)
  if (variable !== undefined) return variable.type
  const named = TYPE_NAMES.get(name)
  if (named !== undefined) return typeOf(named)
  return environment.fieldsOf(name) === undefined ? undefined : typeOf(struct(name))
}
