// Makes facts/internal-types.json: the fields, in order, of upstream's own types below a pod's and a claim's spec, which upstream
// prints when it refuses a change.
//   node packages/api/scripts/internal-facts.ts --from FILE      FILE: pkg/apis/core/types.go
// A type is: string, number, boolean, raw (printed as clients write it), `*T`, `[]T`, `{}T` (a map), or a type of this table.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

type Field = readonly [name: string, type: string]

const { values } = parseArgs({ options: { from: { type: 'string' } } })
if (values.from === undefined) throw new Error('--from FILE is missing')
const source = readFileSync(values.from, 'utf8').replaceAll(/^\s*\/\/.*$/gm, '')

const structs = new Map<string, string>()
const named = new Map<string, string>()
for (const [, name = '', body = ''] of source.matchAll(/^type (\w+) struct \{\n([^]*?)^\}/gm)) structs.set(name, body)
for (const [, name = '', type = ''] of source.matchAll(/^type (\w+) ([\w.[\]]+)$/gm)) named.set(name, type)

const BASIC = new Map([
  ['string', 'string'],
  ['bool', 'boolean'],
  ['int', 'number'],
  ['int32', 'number'],
  ['int64', 'number'],
  ['types.UID', 'string'],
])

function typeOf(go: string): string {
  if (go.startsWith('*')) return `*${typeOf(go.slice(1))}`
  if (go.startsWith('[]')) return `[]${typeOf(go.slice(2))}`
  if (go.startsWith('map[')) return `{}${typeOf(go.slice(go.indexOf(']') + 1))}`
  if (structs.has(go)) return go
  const alias = named.get(go)
  return BASIC.get(go) ?? (alias === undefined ? 'raw' : typeOf(alias))
}

/** An embedded struct's fields are printed among those of the outer one. */
function fieldsOf(name: string): Field[] {
  const fields: Field[] = []
  for (const line of (structs.get(name) ?? '').split('\n')) {
    const [field = '', type] = line.trim().split(/\s+/)
    if (field === '') continue
    if (type !== undefined) fields.push([field, typeOf(type)])
    else if (structs.has(field)) fields.push(...fieldsOf(field))
    // Of another package: its fields have names for JSON, and empty ones are left out.
    else if (field === 'metav1.ObjectMeta') fields.push(['', 'metadata'])
  }
  return fields
}

const table: Record<string, Field[]> = {}
const wanted = ['PodSpec', 'PersistentVolumeClaimSpec', 'ObjectReference', 'EventSource', 'EventSeries']
for (const name of wanted) {
  if (name in table) continue
  const fields = fieldsOf(name)
  table[name] = fields
  for (const [, type] of fields) {
    const bare = type.replaceAll(/[^\w]/g, '')
    if (structs.has(bare)) wanted.push(bare)
  }
}
const rows = Object.entries(table).map(([name, fields]) => `${JSON.stringify(name)}:${JSON.stringify(fields)}`)
writeFileSync(join(import.meta.dirname, '../facts/internal-types.json'), `{\n${rows.toSorted().join(',\n')}\n}\n`)
