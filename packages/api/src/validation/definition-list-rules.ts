// How lists and maps are merged: x-kubernetes-list-type, x-kubernetes-list-map-keys, x-kubernetes-map-type.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '@keelson/apimachinery'
import { type JsonSchema, itemsOf, propertyOf } from '../structural-schema/json-schema.ts'
import { itemsValue } from './definition-form.ts'
import { pointerTo } from './definition-version.ts'

const LIST_TYPE = 'x-kubernetes-list-type'
const MAP_TYPE = 'x-kubernetes-map-type'
const MAP_KEYS = 'x-kubernetes-list-map-keys'
const LIST_TYPES = ['atomic', 'set', 'map']
const MAP_TYPES = ['atomic', 'granular']

export function checkListRules(
  errors: FieldError[],
  schema: JsonSchema,
  path: FieldPath,
  requireAtomicSets: boolean,
): void {
  const { [MAP_TYPE]: mapType, [LIST_TYPE]: listType, [MAP_KEYS]: mapKeys = [] } = schema
  if (mapType !== undefined) {
    checkType(errors, schema, path, 'object', MAP_TYPE)
    if (!MAP_TYPES.includes(mapType)) errors.push(fieldNotSupported(path.child(MAP_TYPE), mapType, MAP_TYPES))
  }
  if (listType !== undefined) {
    const isList = checkType(errors, schema, path, 'array', LIST_TYPE)
    if (isList && requireAtomicSets && !hasAtomicItems(schema)) refuseItems(errors, schema, path.child('items'))
    if (!LIST_TYPES.includes(listType)) errors.push(fieldNotSupported(path.child(LIST_TYPE), listType, LIST_TYPES))
  }
  if (mapKeys.length > 0) {
    const detail = `must be map if ${MAP_KEYS} is non-empty`
    if (listType === undefined) errors.push(fieldRequired(path.child(LIST_TYPE), detail))
    else if (listType !== 'map') errors.push(fieldInvalid(path.child(LIST_TYPE), listType, detail))
  }
  if (listType === 'map') checkListOfMaps(errors, schema, mapKeys, path)
}

function checkType(
  errors: FieldError[],
  { type = '' }: JsonSchema,
  path: FieldPath,
  wanted: string,
  field: string,
): boolean {
  if (type === wanted) return true
  const detail = `must be ${wanted} if ${field} is specified`
  errors.push(type === '' ? fieldRequired(path.child('type'), detail) : fieldInvalid(path.child('type'), type, detail))
  return false
}

/** Of a list that is a set: items that are merged themselves cannot be compared. */
export function hasAtomicItems(schema: JsonSchema): boolean {
  const items = itemsOf(schema)
  if (schema[LIST_TYPE] !== 'set' || items === undefined) return true
  if (items.type === 'array') return (items[LIST_TYPE] ?? 'atomic') === 'atomic'
  return items.type !== 'object' || items[MAP_TYPE] === 'atomic'
}

function refuseItems(errors: FieldError[], schema: JsonSchema, path: FieldPath): void {
  const items = itemsOf(schema) ?? {}
  const where = path.child(items.type === 'array' ? LIST_TYPE : MAP_TYPE)
  // Of maps, too, upstream shows the type of the list.
  const shown = items[LIST_TYPE] === undefined ? null : pointerTo(items[LIST_TYPE])
  errors.push(fieldInvalid(where, shown, 'must be atomic as item of a list with x-kubernetes-list-type=set'))
}

function checkListOfMaps(errors: FieldError[], schema: JsonSchema, keys: readonly string[], path: FieldPath): void {
  const where = path.child('items')
  if (keys.length === 0) errors.push(fieldRequired(path.child(MAP_KEYS), `must not be empty if ${LIST_TYPE} is map`))
  const items = itemsOf(schema)
  if (schema.items === undefined) errors.push(fieldRequired(where, `must have a schema if ${LIST_TYPE} is map`))
  else if (items === undefined)
    errors.push(fieldInvalid(where, itemsValue(schema), `must only have a single schema if ${LIST_TYPE} is map`))
  if (items === undefined) return
  if (items.type !== 'object') {
    const detail = `must be object if parent array's ${LIST_TYPE} is map`
    errors.push(fieldInvalid(where.child('type'), items.type ?? '', detail))
    return
  }
  const seen = new Set<string>()
  for (const key of keys) {
    checkKey(errors, items, key, keys, path)
    if (seen.has(key)) errors.push(fieldInvalid(path.child(MAP_KEYS), keys, 'must not contain duplicate entries'))
    seen.add(key)
  }
}

function checkKey(
  errors: FieldError[],
  items: JsonSchema,
  key: string,
  keys: readonly string[],
  path: FieldPath,
): void {
  const property = propertyOf(items, key)
  if (property === undefined) {
    errors.push(fieldInvalid(path.child(MAP_KEYS), keys, 'entries must all be names of item properties'))
  } else if (property.type === 'array' || property.type === 'object') {
    const where = path.child('items', 'properties').key(key).child('type')
    errors.push(fieldInvalid(where, items.type, `must be a scalar type if parent array's ${LIST_TYPE} is map`))
  }
}

/** What items are told apart by must always be there. */
export function checkMapKeys(errors: FieldError[], schema: JsonSchema, path: FieldPath): void {
  const items = itemsOf(schema)
  const listType = schema[LIST_TYPE]
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return
  const where = path.child('items')
  if (items.nullable === true)
    errors.push(fieldForbidden(where.child('nullable'), `cannot be nullable when ${LIST_TYPE} is ${listType}`))
  if (listType === 'set') return
  for (const key of schema[MAP_KEYS] ?? []) {
    const property = propertyOf(items, key)
    if (property === undefined) continue
    const place = where.child('properties').key(key)
    if (items.required?.includes(key) !== true && property.default === undefined) {
      const detail = `this property is in ${MAP_KEYS}, so it must have a default or be a required property`
      errors.push(fieldRequired(place.child('default'), detail))
    }
    if (property.nullable === true)
      errors.push(fieldForbidden(place.child('nullable'), `this property is in ${MAP_KEYS}, so it cannot be nullable`))
  }
}
