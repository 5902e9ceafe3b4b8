// Makes facts/protobuf.json: field numbers of every message whose Go declaration is known (facts/types), by JSON name.
//   node packages/api/scripts/protobuf-facts.ts --from FILE      FILE: {message: {field: [number, label, type]}}
// A protobuf field without a JSON name of its own is an embedded struct: its fields stand in the outer object. `pointer` are
// fields that Go holds by a pointer: they are written when they are there, the others always.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'

type SourceField = readonly [number: number, label: string, type: string]

const { values } = parseArgs({ options: { from: { type: 'string' } } })
if (values.from === undefined) throw new Error('--from FILE is missing')
const facts = join(import.meta.dirname, '../facts')
const source: Record<string, Record<string, SourceField>> = JSON.parse(readFileSync(values.from, 'utf8'))

/** By JSON name, the Go type of each field. */
type Declaration = ReadonlyMap<string, string>
const declarations = new Map<string, Declaration | 'custom'>()
for (const file of readdirSync(join(facts, 'types'))) {
  const types: Record<string, string | string[][]> = JSON.parse(readFileSync(join(facts, 'types', file), 'utf8'))
  for (const [type, declaration] of Object.entries(types)) {
    const fields =
      typeof declaration === 'string'
        ? 'custom'
        : new Map(declaration.map(([name = '', goType = '']) => [name, goType]))
    declarations.set(`${basename(file, '.json')}.${type}`, fields)
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
const wanted = [...declarations.keys()]
const messages = new Map(Object.entries(source).map(([message, fields]) => [typeName(message), fields]))
for (const type of wanted) {
  const fields = messages.get(type)
  if (fields === undefined) continue
  const declaration = declarations.get(type) ?? 'custom'
  const packageName = type.slice(0, type.lastIndexOf('.'))
  const resolve = (name: string): string =>
    /^[a-z0-9]+$/.test(name) ? name : name.includes('.') ? typeName(name) : `${packageName}.${name}`
  out[type] = {}
  for (const [field, [number, label, fieldType]] of Object.entries(fields)) {
    const valueType = resolve(label === 'map' ? (/, (.*)>$/.exec(fieldType)?.[1] ?? 'string') : fieldType)
    const name = declaration === 'custom' ? field : jsonName(field, declaration)
    const shape = shapeOf(label, name, declaration)
    // An embedded struct is declared by the outer one.
    if (shape === 'embedded' && !declarations.has(valueType)) {
      declarations.set(valueType, declaration)
      wanted.push(valueType)
    }
    out[type][number] = shape === '' ? [name ?? field, valueType] : [name ?? field, valueType, shape]
  }
}
writeFileSync(join(facts, 'protobuf.json'), `${JSON.stringify(out).replaceAll('},"io', '},\n"io')}\n`)

function shapeOf(label: string, name: string | undefined, declaration: Declaration | 'custom'): string {
  if (label === 'map') return 'map'
  if (label === 'repeated') return 'list'
  if (name === undefined) return 'embedded'
  return declaration !== 'custom' && declaration.get(name)?.startsWith('*') === true ? 'pointer' : ''
}

function jsonName(field: string, declaration: Declaration): string | undefined {
  const dashed = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const exact = [field, `$${field}`, dashed].find((name) => declaration.has(name))
  return exact ?? [...declaration.keys()].find((name) => name.toLowerCase() === field.toLowerCase())
}
