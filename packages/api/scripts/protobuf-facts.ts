// Makes facts/protobuf.json: field numbers of every message whose Go declaration is known (facts/types), by JSON name.
//   node packages/api/scripts/protobuf-facts.ts --from FILE      FILE: {message: {field: [number, label, type]}}
// A protobuf field without a JSON name of its own is an embedded struct: its fields stand in the outer object.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'

type SourceField = readonly [number: number, label: string, type: string]

const { values } = parseArgs({ options: { from: { type: 'string' } } })
if (values.from === undefined) throw new Error('--from FILE is missing')
const facts = join(import.meta.dirname, '../facts')
const source: Record<string, Record<string, SourceField>> = JSON.parse(readFileSync(values.from, 'utf8'))

const names = new Map<string, Set<string> | 'custom'>()
for (const file of readdirSync(join(facts, 'types'))) {
  const types: Record<string, string | string[][]> = JSON.parse(readFileSync(join(facts, 'types', file), 'utf8'))
  for (const [type, declaration] of Object.entries(types)) {
    const fields = typeof declaration === 'string' ? 'custom' : new Set(declaration.map(([name]) => name ?? ''))
    names.set(`${basename(file, '.json')}.${type}`, fields)
  }
}

/** `k8s.io.api.core.v1.Pod` is `io.k8s.api.core.v1.Pod` elsewhere; underscores of package names are dashes. */
function typeName(message: string): string {
  const bare = message.startsWith('.') ? message.slice(1) : message
  return bare
    .replace(/^k8s\.io\./, 'io.k8s.')
    .replace(/^(io\.k8s\.)([\w-]+)/, (_, head: string, next: string) => head + next.replaceAll('_', '-'))
}

const out: Record<string, Record<number, string[]>> = {}
const wanted = [...names.keys()]
const messages = new Map(Object.entries(source).map(([message, fields]) => [typeName(message), fields]))
for (const type of wanted) {
  const fields = messages.get(type)
  if (fields === undefined) continue
  // An embedded struct has no declaration of its own: its fields are named as in its message.
  const known = names.get(type) ?? new Set(Object.keys(fields))
  const packageName = type.slice(0, type.lastIndexOf('.'))
  const resolve = (name: string): string =>
    /^[a-z0-9]+$/.test(name) ? name : name.includes('.') ? typeName(name) : `${packageName}.${name}`
  out[type] = {}
  for (const [field, [number, label, fieldType]] of Object.entries(fields)) {
    const valueType = resolve(label === 'map' ? (/, (.*)>$/.exec(fieldType)?.[1] ?? 'string') : fieldType)
    const name = known === 'custom' ? field : jsonName(field, known)
    const shape = label === 'map' ? 'map' : label === 'repeated' ? 'list' : name === undefined ? 'embedded' : ''
    if (shape === 'embedded' && !names.has(valueType)) wanted.push(valueType)
    out[type][number] = shape === '' ? [name ?? field, valueType] : [name ?? field, valueType, shape]
  }
}
writeFileSync(join(facts, 'protobuf.json'), `${JSON.stringify(out).replaceAll('},"io', '},\n"io')}\n`)

function jsonName(field: string, known: ReadonlySet<string>): string | undefined {
  const dashed = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const exact = [field, `$${field}`, dashed].find((name) => known.has(name))
  return exact ?? [...known].find((name) => name.toLowerCase() === field.toLowerCase())
}
