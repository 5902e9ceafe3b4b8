// OpenAPI v3 as protobuf: the messages of gnostic-models' OpenAPIv3.proto that Kubernetes' documents need, by their field numbers.
import {
  ENTRY,
  type Encode,
  any,
  boolean,
  bytes,
  double,
  entries,
  entry,
  fields,
  integer,
  message,
  repeated,
  text,
  wrapped,
} from './gnostic.ts'

/** The cases of every `…OrReference`: the thing itself, or where it is. */
const CASE = { itself: 1, reference: 2 } as const
const MAP_ENTRIES = 1

const reference = fields({ $ref: [1, text], summary: [2, text], description: [3, text] })

const orReference =
  (encode: Encode): Encode =>
  (value) =>
    typeof value === 'object' && value !== null && '$ref' in value
      ? [bytes(CASE.reference, reference(value))]
      : [bytes(CASE.itself, encode(value))]

const schemaOrReference: Encode = (value) => orReference(schema)(value)
const oneSchema = message(schemaOrReference)

/** Empty objects and lists, the defaults of structs, have no place in the message. */
const defaultValue: Encode = (value) => {
  if (typeof value === 'number') return [double(1, value)]
  if (typeof value === 'boolean') return [boolean(2, value)]
  return typeof value === 'string' ? [text(3, value)] : []
}

/** A schema, or whether there may be more properties at all. */
const additionalProperties: Encode = (value) =>
  typeof value === 'boolean' ? [boolean(2, value)] : [oneSchema(1, value)]

const schema = fields(
  {
    nullable: [1, boolean],
    title: [9, text],
    multipleOf: [10, double],
    maximum: [11, double],
    exclusiveMaximum: [12, boolean],
    minimum: [13, double],
    exclusiveMinimum: [14, boolean],
    maxLength: [15, integer],
    minLength: [16, integer],
    pattern: [17, text],
    maxItems: [18, integer],
    minItems: [19, integer],
    uniqueItems: [20, boolean],
    maxProperties: [21, integer],
    minProperties: [22, integer],
    required: [23, repeated(text)],
    enum: [24, repeated(any)],
    type: [25, text],
    allOf: [26, repeated(oneSchema)],
    oneOf: [27, repeated(oneSchema)],
    anyOf: [28, repeated(oneSchema)],
    items: [30, message(wrapped(1, oneSchema))],
    properties: [31, message(entries(MAP_ENTRIES, oneSchema))],
    additionalProperties: [32, message(additionalProperties)],
    default: [33, message(defaultValue)],
    description: [34, text],
    format: [35, text],
  },
  36,
)

const content = message(entries(MAP_ENTRIES, message(fields({ schema: [1, oneSchema] }, 5))))

const parameter = fields(
  {
    name: [1, text],
    in: [2, text],
    description: [3, text],
    required: [4, boolean],
    schema: [10, oneSchema],
  },
  14,
)
const parameters = repeated(message(orReference(parameter)))

const requestBody = fields({ description: [1, text], content: [2, content], required: [3, boolean] }, 4)
const response = fields({ description: [1, text], content: [3, content] }, 5)

const operation = message(
  fields(
    {
      tags: [1, repeated(text)],
      description: [3, text],
      operationId: [5, text],
      parameters: [6, parameters],
      requestBody: [7, message(orReference(requestBody))],
      responses: [8, message(entries(2, message(orReference(response))))],
    },
    13,
  ),
)

const pathItem = fields(
  {
    get: [4, operation],
    put: [5, operation],
    post: [6, operation],
    delete: [7, operation],
    options: [8, operation],
    head: [9, operation],
    patch: [10, operation],
    parameters: [13, parameters],
  },
  14,
)

const securityScheme = fields({ type: [1, text], description: [2, text], name: [3, text], in: [4, text] }, 9)
const DOCUMENT = { openapi: 1, info: 2, paths: 4, components: 5 } as const
const COMPONENTS = { schemas: 1, securitySchemes: 7 } as const

export const encodeVersion3 = {
  /** An entry of a document's paths. */
  path: (name: string, value: object): Buffer => entry(1, name, bytes(ENTRY.value, pathItem(value))),
  /** An entry of a document's schemas. */
  schema: (name: string, value: object): Buffer => entry(MAP_ENTRIES, name, oneSchema(ENTRY.value, value)),

  document(parts: {
    readonly openapi: string
    readonly info: object
    readonly paths: readonly Buffer[]
    readonly schemas: readonly Buffer[]
    readonly securitySchemes: object
  }): Buffer {
    const schemes = entries(MAP_ENTRIES, message(orReference(securityScheme)))(parts.securitySchemes)
    const components = [bytes(COMPONENTS.schemas, parts.schemas), bytes(COMPONENTS.securitySchemes, schemes)]
    return Buffer.concat([
      text(DOCUMENT.openapi, parts.openapi),
      bytes(DOCUMENT.info, fields({ title: [1, text], version: [6, text] })(parts.info)),
      bytes(DOCUMENT.paths, parts.paths),
      bytes(DOCUMENT.components, components),
    ])
  },
}
