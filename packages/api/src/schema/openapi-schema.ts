// The OpenAPI schema of a type, as recorded (facts/schemas): what Go's declarations do not tell: required fields, enums,
// formats, merge keys.
import { readdirSync } from 'node:fs'
import type { JsonValue } from '@keelson/apimachinery'
import { readFacts } from '../facts.ts'

export interface OpenApiSchema {
  readonly description?: string
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly format?: string
  readonly uniqueItems?: boolean
  readonly enum?: readonly string[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly additionalProperties?: OpenApiSchema
  readonly items?: OpenApiSchema
  readonly default?: JsonValue
  readonly $ref?: string
  readonly allOf?: readonly OpenApiSchema[]
  readonly oneOf?: readonly OpenApiSchema[]
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
}

/** `name`: `io.k8s.api.core.v1.Pod`. */
export function openApiSchema(name: string): OpenApiSchema | undefined {
  const dot = name.lastIndexOf('.')
  return readFacts<Record<string, OpenApiSchema>>(`schemas/${name.slice(0, dot)}.json`)[name.slice(dot + 1)]
}

/** Of all types, in order. */
export function openApiSchemaNames(): string[] {
  const names: string[] = []
  for (const file of readdirSync(new URL('../../facts/schemas/', import.meta.url))) {
    const packageName = file.replace(/\.json$/, '')
    for (const type of Object.keys(readFacts<object>(`schemas/${file}`))) names.push(`${packageName}.${type}`)
  }
  return names.toSorted()
}

/** The name of the schema that this one refers to (directly, or as the one part of an allOf). */
export function referredName(schema: OpenApiSchema): string | undefined {
  const reference = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined)
  return reference?.slice(reference.lastIndexOf('/') + 1)
}
