// What a strategic merge patch must know of a kind, read from its OpenAPI schema.
import type { PatchField, PatchSchema, PatchStrategy } from '@keelson/apimachinery'
import { type OpenApiSchema, openApiSchema, referredName } from './openapi-schema.ts'

const schemas = new Map<string, PatchSchema>()

/** `name`: `io.k8s.api.core.v1.Pod`. Made once for each type. */
export function patchSchemaOf(name: string): PatchSchema {
  let schema = schemas.get(name)
  if (schema === undefined) {
    const openApi = openApiSchema(name)
    schema = isStruct(openApi) ? new StructPatchSchema(name, openApi.properties ?? {}) : leaf(openApi)
    schemas.set(name, schema)
  }
  return schema
}

const OTHER: PatchSchema = { type: 'other', name: '', field: () => undefined }
const MAP: PatchSchema = { type: 'map', name: '', field: () => undefined }

/** Raw JSON (RawExtension) is a struct without fields to Go, and to a patch that goes into it. */
const isStruct = (schema: OpenApiSchema | undefined): schema is OpenApiSchema =>
  schema?.properties !== undefined || (schema?.type === 'object' && schema.additionalProperties === undefined)

const leaf = (schema: OpenApiSchema | undefined): PatchSchema =>
  schema?.additionalProperties === undefined ? OTHER : MAP

class StructPatchSchema implements PatchSchema {
  readonly type = 'struct'
  readonly name: string
  readonly #properties: Readonly<Record<string, OpenApiSchema>>
  readonly #fields = new Map<string, PatchField | undefined>()

  constructor(name: string, properties: Readonly<Record<string, OpenApiSchema>>) {
    this.name = name.slice(name.lastIndexOf('.') + 1)
    this.#properties = properties
  }

  field(name: string): PatchField | undefined {
    if (!this.#fields.has(name)) this.#fields.set(name, this.#makeField(name))
    return this.#fields.get(name)
  }

  #makeField(name: string): PatchField | undefined {
    // Names come from clients: `constructor` must not be found.
    const property = Object.hasOwn(this.#properties, name) ? this.#properties[name] : undefined
    if (property === undefined) return undefined
    const value = property.type === 'array' ? (property.items ?? {}) : property
    const referred = referredName(value)
    return {
      strategies: (property['x-kubernetes-patch-strategy']?.split(',') ?? []).filter(isStrategy),
      mergeKey: property['x-kubernetes-patch-merge-key'] ?? '',
      schema: referred === undefined ? leaf(value) : patchSchemaOf(referred),
    }
  }
}

const isStrategy = (text: string): text is PatchStrategy =>
  text === 'merge' || text === 'replace' || text === 'retainKeys'
