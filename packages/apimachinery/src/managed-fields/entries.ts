// metadata.managedFields, read and written: who manages which fields, by which operation, through which version.
import { compareBytes, goQuote } from '../go-text.ts'
import { isJsonObject } from '../json-tree.ts'
import { type FieldSet, fieldSetJson } from '../structured-merge/field-set.ts'
import type { JsonObject } from '../types.ts'
import { readFieldSet } from './read-field-set.ts'

export type Operation = 'Apply' | 'Update'

export interface Manager {
  readonly manager: string
  readonly operation: Operation
  readonly apiVersion: string
  readonly subresource: string
  /** RFC 3339, whole seconds; upstream leaves it out where an apply changed nothing. */
  readonly time: string | undefined
  readonly set: FieldSet
  /** What it was read from: written again as it is while nothing of it changes. */
  readonly entry: JsonObject | undefined
}

/** By identity: name, operation and subresource, and the version of updates. */
export type Managers = Map<string, Manager>

/** What managedFields says that it may not. */
export class ManagedFieldsError extends Error {
  override readonly name = 'ManagedFieldsError'
}

export function identityOf({
  manager,
  operation,
  apiVersion,
  subresource,
}: Omit<Manager, 'time' | 'set' | 'entry'>): string {
  // An applier is the same whatever version it applies.
  return JSON.stringify({
    ...(manager !== '' && { manager }),
    operation,
    ...(operation === 'Update' && { apiVersion }),
    ...(subresource !== '' && { subresource }),
  })
}

/** `isOurs`: read from the store, so that the sets need no checking. ManagedFieldsError. */
export function readManagers(entries: readonly JsonObject[] | undefined, isOurs: boolean): Managers {
  const managers: Managers = new Map()
  entries?.forEach((entry, index) => {
    const manager = readManager(entry, index, isOurs)
    managers.set(identityOf(manager), manager)
  })
  return managers
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function readManager(entry: JsonObject, index: number, isOurs: boolean): Manager {
  const { operation, fieldsType, fieldsV1, time } = entry
  if (operation !== 'Apply' && operation !== 'Update') {
    throw new ManagedFieldsError('operation must be `Apply` or `Update`')
  }
  const apiVersion = textOf(entry['apiVersion'])
  if (apiVersion === '') throw new ManagedFieldsError('apiVersion must not be empty')
  if (fieldsType !== 'FieldsV1') {
    throw new ManagedFieldsError(
      textOf(fieldsType) === ''
        ? `missing fieldsType in managed fields entry ${index}`
        : `invalid fieldsType ${goQuote(textOf(fieldsType))} in managed fields entry ${index}`,
    )
  }
  const stored = isOurs && isJsonObject(fieldsV1)
  const set = stored ? (fieldsV1 as FieldSet) : readFieldSet(fieldsV1) // Stored sets were checked when they were written.
  return {
    manager: textOf(entry['manager']),
    operation,
    apiVersion,
    subresource: textOf(entry['subresource']),
    time: typeof time === 'string' ? time : undefined,
    set,
    entry: set === fieldsV1 ? entry : undefined,
  }
}

/** In upstream's order: appliers first, then by time and name. Undefined when nobody manages anything. */
export function writeManagers(managers: Managers): JsonObject[] | undefined {
  if (managers.size === 0) return undefined
  return [...managers.values()].sort(byTimeAndName).map(({ entry, ...manager }) => entry ?? writeManager(manager))
}

function writeManager({ manager, operation, apiVersion, time, subresource, set }: Omit<Manager, 'entry'>): JsonObject {
  return {
    ...(manager !== '' && { manager }),
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fieldSetJson(set),
    ...(subresource !== '' && { subresource }),
  }
}

function byTimeAndName(left: Manager, right: Manager): number {
  if (left.operation !== right.operation) return left.operation < right.operation ? -1 : 1
  return (
    secondsOf(left) - secondsOf(right) ||
    compareBytes(left.manager, right.manager) ||
    compareBytes(left.apiVersion, right.apiVersion) ||
    compareBytes(left.subresource, right.subresource)
  )
}

/** 0 for an entry without a time. */
export const secondsOf = ({ time }: Manager): number => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000))

/** The same manager with other fields. */
export function withSet(manager: Manager, set: FieldSet): Manager {
  return set === manager.set ? manager : { ...manager, set, entry: undefined }
}

/** A client's way to say that nobody manages anything: an empty list, or one empty entry. */
export function isReset(entries: readonly JsonObject[] | undefined): boolean {
  if (entries === undefined || entries.length > 1) return false
  const [only] = entries
  return only === undefined || Object.values(only).every((value) => value === undefined || value === '')
}
