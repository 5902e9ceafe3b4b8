// Schemas of kinds: compiled when first used, kept for the life of the process.
import type { GroupVersionKind, JsonValue, KubeObject, ObjectMeta } from '@keelson/apimachinery'
import type { ResourceDefinition } from '../resource.ts'
import { builtinGroupVersions } from '../table.ts'
import { DecodeAbort, DecodeContext } from './context.ts'
import { decoderOf } from './declarations.ts'
import type { Decoder } from './decoder.ts'
import { noteEmptiedLists } from './emptied.ts'
import { fieldTypeOf } from './field-type.ts'
import { openApiSchema } from './openapi-schema.ts'
import { patchSchemaOf } from './patch-schema.ts'
import { type DecodedObject, type KindSchema, ObjectDecodeError, type ObjectDecodeOptions } from './types.ts'
import { validateBySchema } from './validate.ts'

export * from './types.ts'
export { emptiedLists } from './emptied.ts'
export { patchSchemaOf } from './patch-schema.ts'
export { validateBySchema } from './validate.ts'

const schemas = new Map<string, KindSchema>()

/** The schema of the objects of a resource. */
export function schemaFor(definition: ResourceDefinition): KindSchema {
  return kindSchema(definition.schema, definition)
}

/** The schema of any built-in kind, also of those that only subresources take: Scale, Eviction, Binding, TokenRequest. */
export function schemaOfKind(kind: GroupVersionKind): KindSchema | undefined {
  const groupVersion = builtinGroupVersions().find(
    ({ group, version }) => group === kind.group && version === kind.version,
  )
  const neighbour = groupVersion?.resources[0]?.schema
  if (neighbour === undefined) return undefined
  const name = `${neighbour.slice(0, neighbour.lastIndexOf('.'))}.${kind.kind}`
  return openApiSchema(name) === undefined ? undefined : kindSchema(name, kind)
}

/** The options of requests (DeleteOptions, …) are of every group; `group` and `version` are those they were sent with. */
export function optionsSchema(kind: 'CreateOptions' | 'DeleteOptions' | 'PatchOptions' | 'UpdateOptions'): KindSchema {
  return kindSchema(`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`, { group: '', version: 'v1', kind })
}

/** Metadata alone, as resources within resources have it. A text is why it cannot be read. */
export function decodeMetadata(value: JsonValue): ObjectMeta | string {
  const context = new DecodeContext(false, false, false)
  const decoder = decoderOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  try {
    const metadata = (decoder.decode(value, context) ?? decoder.zero()) as ObjectMeta // What the decoder of that type gives.
    return context.failure ?? metadata
  } catch (error) {
    if (error instanceof DecodeAbort) return error.message
    throw error
  }
}

function kindSchema(name: string, { group, version, kind }: GroupVersionKind): KindSchema {
  let schema = schemas.get(name)
  if (schema === undefined) {
    schema = new CompiledSchema(name, { group, version, kind })
    schemas.set(name, schema)
  }
  return schema
}

class CompiledSchema implements KindSchema {
  readonly kind: GroupVersionKind
  readonly #name: string
  readonly #decoder: Decoder

  constructor(name: string, kind: GroupVersionKind) {
    this.#name = name
    this.kind = kind
    this.#decoder = decoderOf(name)
  }

  decode(value: JsonValue, options: ObjectDecodeOptions = {}): DecodedObject {
    const fromTree = options.fromTree === true
    const context = new DecodeContext(options.reportUnknown === true, fromTree, fromTree || options.fromYaml === true)
    const object = this.#read(value, context)
    if (context.failure !== undefined) throw new ObjectDecodeError(this.kind, context.failure)
    if (context.emptied.length > 0) noteEmptiedLists(object, context.emptied)
    return { object, unknown: context.unknown }
  }

  validate(object: KubeObject): ReturnType<KindSchema['validate']> {
    return validateBySchema(this.#name, object)
  }

  patchSchema(): ReturnType<KindSchema['patchSchema']> {
    return patchSchemaOf(this.#name)
  }

  fieldType(): ReturnType<KindSchema['fieldType']> {
    return fieldTypeOf(this.#name)
  }

  #read(value: JsonValue, context: DecodeContext): KubeObject {
    try {
      // A kind's struct always gives an object, with the metadata of every kind.
      return (this.#decoder.decode(value, context) ?? this.#decoder.zero()) as KubeObject
    } catch (error) {
      if (error instanceof DecodeAbort) throw new ObjectDecodeError(this.kind, error.message)
      throw error
    }
  }
}
