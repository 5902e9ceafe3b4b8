// An object as upstream's own types hold it, printed the way Go prints types that do not say how: every field in the order of
// its declaration, what is absent as null or as the empty value.
import { readFacts } from '../facts.ts'
import { emptiedFields } from '../schema/emptied.ts'

type Fields = Readonly<Record<string, unknown>>
type InternalTypes = Readonly<Record<string, readonly (readonly [name: string, type: string, json?: string])[]>>

const EMPTY: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['string', ''],
  ['number', 0],
  ['boolean', false],
  ['raw', '0'],
  ['any', null],
])

/** `type` is one of facts/internal-types.json, or a list, map or pointer of one. `value` is in the form of its API version. */
export function internalForm(type: string, value: unknown): unknown {
  if (type.startsWith('*')) return value === undefined || value === null ? null : internalForm(type.slice(1), value)
  if (type.startsWith('[]')) {
    return Array.isArray(value) ? value.map((item) => internalForm(type.slice(2), item)) : null
  }
  if (type.startsWith('{}')) return isFields(value) ? mapForm(type.slice(2), value) : null
  const fields = readFacts<InternalTypes>('internal-types.json')[type]
  if (fields !== undefined) return structForm(fields, isFields(value) ? value : {})
  return value ?? EMPTY.get(type)
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapForm = (type: string, value: Fields): Fields =>
  Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, internalForm(type, value[key])]),
  )

/** Names differ from those in JSON by capital letters, or the table says how. */
function structForm(fields: InternalTypes[string], value: Fields): Fields {
  const byLowerCase = new Map(Object.entries(value).map(([name, item]) => [name.toLowerCase(), item]))
  for (const [name, item] of emptiedFields(value)) byLowerCase.set(name.toLowerCase(), item)
  const form: Record<string, unknown> = {}
  for (const [name, type, json = name] of fields) {
    // Embedded, with names for JSON.
    if (type === 'metadata') Object.assign(form, value['metadata'])
    else form[name] = internalForm(type, byLowerCase.get(json.toLowerCase()))
  }
  return form
}
