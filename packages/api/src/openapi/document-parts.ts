// The facts of one OpenAPI v3 document: its paths, and which schemas it shows. Objects that were said once in the facts are
// shared in what is given out; nobody may change them.
import { readFileSync } from 'node:fs'
import type { OpenApiSchema } from '../schema/openapi-schema.ts'

export interface MediaType {
  readonly schema?: OpenApiSchema
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly description?: string
  readonly required?: boolean
  readonly schema: OpenApiSchema
}

export interface Operation {
  readonly tags: readonly string[]
  readonly description?: string
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, MediaType>> }
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, MediaType>> }>
  >
  readonly 'x-kubernetes-action'?: string
  readonly 'x-kubernetes-group-version-kind'?: {
    readonly group: string
    readonly version: string
    readonly kind: string
  }
}

export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const

export type PathItem = { readonly [Method in (typeof METHODS)[number]]?: Operation } & {
  readonly parameters?: readonly Parameter[]
}

export interface SecurityScheme {
  readonly type: string
  readonly description?: string
  readonly name: string
  readonly in: string
}

export interface DocumentParts {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: {
    /** Names; undefined for a document that shows none. */
    readonly schemas?: readonly string[]
    readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>
  }
}

/** Not through readFacts: documents are asked for once in a while, their facts need not stay in memory. */
export function readDocumentParts(path: string): DocumentParts {
  const url = new URL(`../../facts/openapi/${path.replaceAll('/', '_')}.json`, import.meta.url)
  const { parts, document }: { parts: readonly unknown[]; document: unknown } = JSON.parse(readFileSync(url, 'utf8'))
  // A part may refer to earlier parts only, so one pass resolves them all.
  const resolved: unknown[] = []
  for (const part of parts) resolved.push(resolve(part, resolved))
  return resolve(document, resolved) as DocumentParts // Our own file; a test compares the whole document with the recorded one.
}

function resolve(value: unknown, parts: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => resolve(item, parts))
  if ('$part' in value && typeof value.$part === 'number') return parts[value.$part]
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, parts)]))
}
