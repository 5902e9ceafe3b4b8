// Makes facts/internal-types.json: the fields, in order, of upstream's own types that it prints when it refuses something.
//   node packages/api/scripts/internal-facts.ts --from DIR      DIR: upstream's pkg/apis, with that of k8s.io/apiextensions-apiserver in it
// A type is: string, number, boolean, raw (a quantity), any (printed as clients write it, null when absent), `*T`, `[]T`, `{}T` (a
// map), or a type of this table: `PodSpec` of the core group, `storage.CSINodeDriver` of another. A third element of a field is
// its name in JSON where that differs by more than capital letters.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

type Field = readonly [name: string, type: string, json?: string]

const { values } = parseArgs({ options: { from: { type: 'string' } } })
if (values.from === undefined) throw new Error('--from DIR is missing')
const { from } = values

const WANTED = [
  'PodSpec',
  'PodTemplateSpec',
  'PersistentVolumeClaimSpec',
  'PersistentVolumeSource',
  'VolumeNodeAffinity',
  'NodeSelector',
  'NodeAddress',
  'ObjectReference',
  'EventSource',
  'EventSeries',
  'batch.PodFailurePolicy',
  'batch.SuccessPolicy',
  'batch.UncountedTerminatedPods',
  'storage.VolumeAttachmentSpec',
  'storage.CSINodeDriver',
  'flowcontrol.FlowSchemaSpec',
  'flowcontrol.PriorityLevelConfigurationSpec',
  'certificates.CertificateSigningRequestCondition',
  'admissionregistration.AuditAnnotation',
  'rbac.RoleRef',
  'resource.ResourceClaimSpec',
  'resource.ResourceClaimTemplateSpec',
  'resource.ResourceClaimStatus',
  'resource.ResourceSliceSpec',
  'resource.DeviceClassSpec',
  'apiextensions.CustomResourceDefinitionVersion',
]
const GROUPS = [
  'batch',
  'storage',
  'flowcontrol',
  'certificates',
  'admissionregistration',
  'rbac',
  'resource',
  'apiextensions',
]
/** Names in JSON that are other words. */
const JSON_NAMES: Readonly<Record<string, string>> = {
  DataDiskURI: 'diskURI',
  CephMonitors: 'monitors',
  RBDImage: 'image',
  RBDPool: 'pool',
  RadosUser: 'user',
  EndpointsName: 'endpoints',
  DiscoveryCHAPAuth: 'chapAuthDiscovery',
  SessionCHAPAuth: 'chapAuthSession',
  IntValue: 'int',
  BoolValue: 'bool',
  StringValue: 'string',
  VersionValue: 'version',
  Ref: '$ref',
  XPreserveUnknownFields: 'x-kubernetes-preserve-unknown-fields',
  XEmbeddedResource: 'x-kubernetes-embedded-resource',
  XIntOrString: 'x-kubernetes-int-or-string',
  XListMapKeys: 'x-kubernetes-list-map-keys',
  XListType: 'x-kubernetes-list-type',
  XMapType: 'x-kubernetes-map-type',
  XValidations: 'x-kubernetes-validations',
}
const BASIC = new Map([
  ['string', 'string'],
  ['bool', 'boolean'],
  ['int', 'number'],
  ['int32', 'number'],
  ['int64', 'number'],
  ['types.UID', 'string'],
  ['resource.Quantity', 'raw'],
  ['apiresource.Quantity', 'raw'],
  ['float64', 'number'],
])

const structs = new Map<string, string>()
const named = new Map<string, string>()
for (const group of ['core', ...GROUPS]) {
  const files = readdirSync(join(from, group)).filter((name) => /^types(?:_\w+)?\.go$/.test(name))
  const text = files.map((name) => readFileSync(join(from, group, name), 'utf8')).join('')
  const source = text.replaceAll(/\s*\/\/.*$/gm, '')
  const prefix = group === 'core' ? '' : `${group}.`
  for (const [, name = '', body = ''] of source.matchAll(/^type (\w+) struct \{\n([^]*?)^\}/gm))
    structs.set(prefix + name, body)
  for (const [, name = '', type = ''] of source.matchAll(/^type (\w+) ([\w.[\]]+)$/gm)) named.set(prefix + name, type)
}

/** `prefix`: that of the package in which the type is written. */
function typeOf(go: string, prefix: string): string {
  if (go === '[]byte') return 'any'
  if (go.startsWith('*')) return `*${typeOf(go.slice(1), prefix)}`
  if (go.startsWith('[]')) return `[]${typeOf(go.slice(2), prefix)}`
  if (go.startsWith('map[')) return `{}${typeOf(go.slice(go.indexOf(']') + 1), prefix)}`
  const basic = BASIC.get(go)
  if (basic !== undefined) return basic
  const [qualifier, bare] = go.includes('.') ? [go.slice(0, go.indexOf('.')), go.slice(go.indexOf('.') + 1)] : ['', go]
  const home = qualifier === 'core' || qualifier === 'api' ? '' : qualifier === '' ? prefix : undefined
  if (home === undefined) return 'any'
  if (structs.has(home + bare)) return home + bare
  const alias = named.get(home + bare)
  return alias === undefined ? 'any' : typeOf(alias, home)
}

/** An embedded struct's fields are printed among those of the outer one. */
function fieldsOf(name: string): Field[] {
  const prefix = name.slice(0, name.indexOf('.') + 1)
  const fields: Field[] = []
  for (const line of (structs.get(name) ?? '').split('\n')) {
    const [field = '', type] = line.trim().split(/\s+/)
    if (field === '') continue
    const json = JSON_NAMES[field]
    if (type !== undefined && !type.startsWith('`')) {
      fields.push(json === undefined ? [field, typeOf(type, prefix)] : [field, typeOf(type, prefix), json])
    } else if (structs.has(prefix + field)) fields.push(...fieldsOf(prefix + field))
    // Of another package: its fields have names for JSON, and empty ones are left out.
    else if (field === 'metav1.ObjectMeta') fields.push(['', 'metadata'])
  }
  return fields
}

const table: Record<string, Field[]> = {}
const wanted = [...WANTED]
for (const name of wanted) {
  if (name in table) continue
  if (!structs.has(name)) throw new Error(`no type ${name}`)
  const fields = fieldsOf(name)
  table[name] = fields
  for (const [, type] of fields) {
    const bare = type.replaceAll(/[^\w.]/g, '')
    if (structs.has(bare)) wanted.push(bare)
  }
}
const rows = Object.entries(table).map(([name, fields]) => `${JSON.stringify(name)}:${JSON.stringify(fields)}`)
writeFileSync(join(import.meta.dirname, '../facts/internal-types.json'), `{\n${rows.toSorted().join(',\n')}\n}\n`)
