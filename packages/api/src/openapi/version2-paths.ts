// Paths of v3 documents as v2 says them: a body is a parameter, media types are lists, and parameters that many operations have
// are said once, at the document.
import { createHash } from 'node:crypto'
import { METHODS, type Operation, type Parameter, type PathItem } from './document-parts.ts'
import { type Definition, toDefinition } from './version2-definition.ts'

export type Version2Parameter =
  | { readonly $ref: string }
  | {
      readonly name: string
      readonly in: string
      readonly description?: string
      readonly required?: boolean
      readonly type?: string
      readonly format?: string
      readonly uniqueItems?: boolean
      readonly schema?: Definition
    }

/** Collects what is said once: the document's `parameters`. */
export class SharedParameters {
  readonly byName = new Map<string, Version2Parameter>()
  readonly #references = new Map<string, Version2Parameter>()

  /** Where the parameter is. Its name there has a piece of a hash, because equal names may mean different things. */
  share(parameter: Version2Parameter & { readonly name: string }): Version2Parameter {
    const text = JSON.stringify(parameter)
    let reference = this.#references.get(text)
    if (reference === undefined) {
      const name = `${parameter.name}-${createHash('sha256').update(text).digest('base64url').slice(0, 8)}`
      this.byName.set(name, parameter)
      reference = { $ref: `#/parameters/${name}` }
      this.#references.set(text, reference)
    }
    return reference
  }
}

export function toVersion2Path(path: string, item: PathItem, shared: SharedParameters): object {
  const converted: Record<string, object> = {}
  for (const method of METHODS) {
    const operation = item[method]
    if (operation !== undefined) converted[method] = toVersion2Operation(path, operation, shared)
  }
  const parameters = item.parameters?.map((parameter) => toVersion2Parameter(parameter, shared))
  return { ...converted, ...(parameters !== undefined && { parameters }) }
}

function toVersion2Operation(path: string, operation: Operation, shared: SharedParameters): object {
  const { tags, description, operationId, parameters = [], requestBody, responses, ...extensions } = operation
  const produces = Object.keys(responses['200']?.content ?? {})
  const consumes =
    requestBody !== undefined ? Object.keys(requestBody.content) : consumesNothing(path, operation, produces)
  const all = [...parameters.map((parameter) => toVersion2Parameter(parameter, shared)), ...bodyOf(operation, shared)]
  return {
    ...(description !== undefined && { description }),
    ...(consumes.length > 0 && { consumes }),
    produces,
    schemes: ['https'],
    tags,
    operationId,
    ...(all.length > 0 && { parameters: all }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([code, response]) => {
        const schema = Object.values(response.content ?? {})[0]?.schema
        const { description: answer = '' } = response
        return [code, { description: answer, ...(schema !== undefined && { schema: toDefinition(schema) }) }]
      }),
    ),
    ...extensions,
  }
}

/** Upstream says of requests without a body what they would take. */
function consumesNothing(path: string, operation: Operation, produces: readonly string[]): readonly string[] {
  if (operation['x-kubernetes-action'] !== undefined) return ['*/*']
  return /^\/(\.well-known|openid)\//.test(path) ? [] : produces
}

/** Kinds of bodies that nearly every resource takes. */
const SHARED_BODIES = /\.(DeleteOptions|Patch)$/

function bodyOf({ requestBody }: Operation, shared: SharedParameters): Version2Parameter[] {
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema
  if (requestBody === undefined || schema === undefined) return []
  const { required } = requestBody
  const definition = toDefinition(schema)
  const body = { name: 'body', in: 'body', ...(required === true && { required }), schema: definition }
  return [SHARED_BODIES.test(definition.$ref ?? '') ? shared.share(body) : body]
}

function toVersion2Parameter(parameter: Parameter, shared: SharedParameters): Version2Parameter {
  const { schema, ...rest } = parameter
  const { type, format, uniqueItems } = schema
  const flat = {
    ...(uniqueItems === true && { uniqueItems }),
    ...(type !== undefined && { type }),
    ...(format !== undefined && { format }),
    ...rest,
  }
  // A name is described by its kind, so no two are the same.
  return parameter.name === 'name' ? flat : shared.share(flat)
}
