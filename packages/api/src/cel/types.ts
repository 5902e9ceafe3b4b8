// The types of CEL: what they are called in messages, and which may stand for which.

export type TypeKind =
  | 'dyn'
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'parameter'
  | 'uint'

export interface Type {
  readonly kind: TypeKind
  /** As programs see it. */
  readonly name: string
  readonly parameters: readonly Type[]
}

const NONE: readonly Type[] = []
const simple = (kind: TypeKind, name: string = kind): Type => ({ kind, name, parameters: NONE })

export const DYN = simple('dyn')
export const ANY = simple('any', 'google.protobuf.Any')
export const BOOL = simple('bool')
export const BYTES = simple('bytes')
export const DOUBLE = simple('double')
export const DURATION = simple('duration', 'google.protobuf.Duration')
export const ERROR = simple('error')
export const INT = simple('int')
export const NULL = simple('null', 'null_type')
export const STRING = simple('string')
export const TIMESTAMP = simple('timestamp', 'google.protobuf.Timestamp')
export const TYPE = simple('type')
export const UINT = simple('uint')

export const listOf = (element: Type): Type => ({ kind: 'list', name: 'list', parameters: [element] })
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', name: 'map', parameters: [key, value] })
export const typeOf = (type: Type): Type => ({ kind: 'type', name: 'type', parameters: [type] })
export const struct = (name: string): Type => simple('struct', name)
export const parameter = (name: string): Type => simple('parameter', name)
export const opaque = (name: string, ...parameters: Type[]): Type => ({ kind: 'opaque', name, parameters })
export const optionalOf = (type: Type): Type => opaque('optional_type', type)

export const first = (type: Type): Type => type.parameters[0] ?? DYN
export const second = (type: Type): Type => type.parameters[1] ?? DYN

export const isDyn = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'any'
export const isDynOrError = (type: Type): boolean => isDyn(type) || type.kind === 'error'

/** What is inside an optional. */
export const unwrapped = (type: Type): Type | undefined =>
  type.kind === 'opaque' && type.name === 'optional_type' ? first(type) : undefined

const SHORT_NAMES: Partial<Record<TypeKind, string>> = {
  any: 'any',
  duration: 'duration',
  error: '!error!',
  null: 'null',
  timestamp: 'timestamp',
}

/** As messages of the checker write it. */
export function formatType(type: Type): string {
  const short = SHORT_NAMES[type.kind]
  if (short !== undefined) return short
  return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(', ')})`
}

/** As messages about the type of the whole write it. */
export function describeType(type: Type): string {
  if (type.kind === 'parameter') return `<${type.name}>`
  return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(describeType).join(', ')})`
}

/** The same; unnamed parameters are the same whatever they are called, if `exactly` is false. */
export function isSameType(one: Type, other: Type, exactly = true): boolean {
  if (one === other) return true
  if (one.kind !== other.kind || one.parameters.length !== other.parameters.length) return false
  if ((exactly || one.kind !== 'parameter') && one.name !== other.name) return false
  return one.parameters.every((part, index) => isSameType(part, other.parameters[index] ?? DYN, exactly))
}

const isOpen = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'any' || kind === 'parameter'

/** May a value of the second type stand where the first is wanted? Without substitution. */
export function accepts(wanted: Type, given: Type): boolean {
  if (wanted === given || isOpen(wanted)) return true
  if (wanted.kind !== given.kind || wanted.name !== given.name) return false
  return (
    wanted.parameters.length === given.parameters.length &&
    wanted.parameters.every((part, index) => accepts(part, given.parameters[index] ?? DYN))
  )
}
