// From the text of a Go type (facts/types) to its decoder. Each type is compiled once, when it is first met.
import { readFacts } from '../facts.ts'
import { ListDecoder, MapDecoder, PointerDecoder, StructDecoder, type StructField } from './composites.ts'
import { customDecoder } from './custom.ts'
import type { Decoder } from './decoder.ts'
import { BooleanDecoder, BytesDecoder, NUMBER_RANGES, NumberDecoder, StringDecoder } from './scalars.ts'

type FieldFacts = readonly [name: string, type: string, mode?: string, embedding?: string]
type Declaration = string | readonly FieldFacts[]

const decoders = new Map<string, Decoder>()

/** `text`: `[]io.k8s.api.core.v1.Container`, `*int32`, `map[string]string`, … */
export function decoderOf(text: string): Decoder {
  let decoder = decoders.get(text)
  if (decoder === undefined) {
    decoder = compile(text, goTypeOf(text))
    decoders.set(text, decoder)
  }
  return decoder
}

/** As Go prints a type: packages by their last part. */
function goTypeOf(text: string): string {
  return text.replace(/(?:[\w-]+\.)*([\w-]+\.\w+)/g, '$1')
}

function compile(text: string, goType: string): Decoder {
  if (text.startsWith('*')) return new PointerDecoder(decoderOf(text.slice(1)))
  if (text === '[]uint8') return new BytesDecoder()
  if (text.startsWith('[]')) return new ListDecoder(goType, decoderOf(text.slice(2)))
  if (text.startsWith('map[')) return new MapDecoder(goType, decoderOf(text.slice(text.indexOf(']') + 1)))
  if (text === 'string') return new StringDecoder(goType)
  if (text === 'bool') return new BooleanDecoder(goType)
  const range = NUMBER_RANGES[text]
  if (range !== undefined) return new NumberDecoder(goType, range)
  return compileNamed(text, goType)
}

function compileNamed(text: string, goType: string): Decoder {
  const dot = text.lastIndexOf('.')
  const name = text.slice(dot + 1)
  const declaration = readFacts<Record<string, Declaration>>(`types/${text.slice(0, dot)}.json`)[name]
  if (declaration === undefined) throw new Error(`no facts about the type ${text}`)
  if (declaration === 'custom') return customDecoder(text, decoderOf)
  // A named type with a plain type under it reads like that, and is named in errors.
  if (typeof declaration === 'string') return compile(declaration, goType)
  return new StructDecoder(goType, () => declaration.map((field) => makeField(text.slice(0, dot), name, field)))
}

/** Upstream stores these as JSON, where empty lists survive. */
const STORED_AS_JSON = new Set([
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
])

function makeField(packageName: string, structName: string, facts: FieldFacts): StructField {
  const [name, type, mode = '', embedding = ''] = facts
  const decoder = decoderOf(type)
  const isCollection = decoder instanceof ListDecoder || decoder instanceof MapDecoder
  return {
    name,
    structName,
    embedding,
    decoder,
    omitEmpty: mode.includes('e'),
    omitZero: mode.includes('z'),
    emptyIsNull: isCollection && !STORED_AS_JSON.has(packageName),
  }
}
