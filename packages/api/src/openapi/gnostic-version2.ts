// OpenAPI v2 as protobuf: the messages of gnostic-models' OpenAPIv2.proto that Kubernetes' document needs, by their field numbers.
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

const MAP_ENTRIES = 1
/** TypeItem and StringArray. */
const texts = message(wrapped(1, repeated(text)))

/** A schema, or whether there may be more properties at all. */
const additionalProperties: Encode = (value) =>
  typeof value === 'boolean' ? [boolean(2, value)] : [oneSchema(1, value)]

const schema: Encode = fields(
  {
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, any],
    multipleOf: [6, double],
    maximum: [7, double],
    exclusiveMaximum: [8, boolean],
    minimum: [9, double],
    exclusiveMinimum: [10, boolean],
    maxLength: [11, integer],
    minLength: [12, integer],
    pattern: [13, text],
    maxItems: [14, integer],
    minItems: [15, integer],
    uniqueItems: [16, boolean],
    maxProperties: [17, integer],
    minProperties: [18, integer],
    required: [19, repeated(text)],
    enum: [20, repeated(any)],
    additionalProperties: [21, message(additionalProperties)],
    type: [22, (number, value) => texts(number, [value])],
    items: [23, message((value) => [oneSchema(1, value)])],
    allOf: [24, (number, value) => repeated(oneSchema)(number, value)],
    properties: [25, message((value) => entries(MAP_ENTRIES, oneSchema)(value))],
  },
  31,
)
const oneSchema = message(schema)

const reference = fields({ $ref: [1, text], description: [2, text] })
const bodyParameter = fields(
  { description: [1, text], name: [2, text], in: [3, text], required: [4, boolean], schema: [5, oneSchema] },
  6,
)
const pathParameter = fields(
  {
    required: [1, boolean],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [5, text],
    format: [6, text],
    uniqueItems: [19, boolean],
  },
  22,
)
const queryParameter = fields(
  {
    required: [1, boolean],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [6, text],
    format: [7, text],
    uniqueItems: [20, boolean],
  },
  23,
)

/** Cases of Parameter and of NonBodyParameter. */
const PARAMETER = { body: 1, nonBody: 2, query: 3, path: 4 } as const

const parameter: Encode = (value) => {
  const place = typeof value === 'object' && value !== null && 'in' in value ? value.in : undefined
  if (place === 'body') return [bytes(PARAMETER.body, bodyParameter(value))]
  const sub =
    place === 'path' ? bytes(PARAMETER.path, pathParameter(value)) : bytes(PARAMETER.query, queryParameter(value))
  return [bytes(PARAMETER.nonBody, [sub])]
}

/** ParametersItem: the parameter itself, or where it is. */
const parameterOrReference: Encode = (value) =>
  typeof value === 'object' && value !== null && '$ref' in value
    ? [bytes(2, reference(value))]
    : [bytes(1, parameter(value))]
const parameters = repeated(message(parameterOrReference))

const response = fields({ description: [1, text], schema: [2, message(wrapped(1, oneSchema))] }, 5)

const operation = message(
  fields(
    {
      tags: [1, repeated(text)],
      description: [3, text],
      operationId: [5, text],
      produces: [6, repeated(text)],
      consumes: [7, repeated(text)],
      parameters: [8, parameters],
      responses: [9, message(entries(1, message(wrapped(1, message(response)))))],
      schemes: [10, repeated(text)],
    },
    13,
  ),
)

const pathItem = fields(
  {
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    options: [6, operation],
    head: [7, operation],
    patch: [8, operation],
    parameters: [9, parameters],
  },
  10,
)

/** SecurityDefinitionsItem's case of an API key. */
const apiKey = message(
  wrapped(2, message(fields({ type: [1, text], name: [2, text], in: [3, text], description: [4, text] }, 5))),
)
const DOCUMENT = {
  swagger: 1,
  info: 2,
  paths: 8,
  definitions: 9,
  parameters: 10,
  security: 12,
  securityDefinitions: 13,
} as const

export const encodeVersion2 = {
  /** An entry of the document's paths. */
  path: (name: string, value: object): Buffer => entry(2, name, bytes(ENTRY.value, pathItem(value))),
  /** An entry of its definitions. */
  definition: (name: string, value: object): Buffer => entry(MAP_ENTRIES, name, oneSchema(ENTRY.value, value)),

  document(parts: {
    readonly swagger: string
    readonly info: object
    readonly paths: readonly Buffer[]
    readonly definitions: readonly Buffer[]
    readonly parameters: object
    readonly securityDefinitions: object
    readonly security: readonly object[]
  }): Buffer {
    return Buffer.concat([
      text(DOCUMENT.swagger, parts.swagger),
      bytes(DOCUMENT.info, fields({ title: [1, text], version: [2, text] })(parts.info)),
      bytes(DOCUMENT.paths, parts.paths),
      bytes(DOCUMENT.definitions, parts.definitions),
      bytes(DOCUMENT.parameters, entries(MAP_ENTRIES, message(parameter))(parts.parameters)),
      repeated(message(entries(MAP_ENTRIES, texts)))(DOCUMENT.security, parts.security),
      bytes(DOCUMENT.securityDefinitions, entries(MAP_ENTRIES, apiKey)(parts.securityDefinitions)),
    ])
  },
}
