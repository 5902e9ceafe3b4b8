// What the author of a volume should hear: storage systems that are gone, files that hide one another, sizes of half a byte.
import { type FieldPath, goQuote } from '@keelson/apimachinery'
import { quantityOf } from '../../validation/resources.ts'
import type { PersistentVolumeClaimSpec, ResourceList, Volume, VolumeProjection } from './pod-types.ts'

const DEPRECATED_SOURCES: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

/** About the source of a volume, `path` being what has the fields of the sources. Nothing about those that are `ignored`. */
export function sourceWarnings(volume: object, path: FieldPath, ignored: readonly string[] = []): string[] {
  const warnings: string[] = []
  for (const source in volume) {
    const message = DEPRECATED_SOURCES[source]
    // The field is called storageOS in upstream's warning alone.
    if (message === undefined || ignored.includes(source)) continue
    warnings.push(`${path.child(source === 'storageos' ? 'storageOS' : source)}: ${message}`)
  }
  return warnings
}

/** About an amount of bytes that is no whole number. */
export function fractionWarnings(list: ResourceList | undefined, name: string, path: FieldPath): string[] {
  const text = list?.[name]
  // Only a milli, micro or nano suffix leaves a fraction of a byte.
  if (text === undefined || !/[mun]$/.test(text) || quantityOf(text).milliValue() % 1000n === 0n) return []
  return [`${path.key(name)}: fractional byte value ${goQuote(text)} is invalid, must be an integer`]
}

export const claimSpecWarnings = ({ resources }: PersistentVolumeClaimSpec, path: FieldPath): string[] => [
  ...fractionWarnings(resources?.requests, 'storage', path.child('resources', 'requests')),
  ...fractionWarnings(resources?.limits, 'storage', path.child('resources', 'limits')),
]

interface File {
  readonly path: string
  /** What puts it there, and the name of that where it has one. */
  readonly kind: string
  readonly name?: string | undefined
}

type Items = readonly { path?: string }[] | undefined

/** About files of one volume that are, or are within, one another. */
export function overlapWarnings(volumes: readonly Volume[]): string[] {
  const warnings: string[] = []
  for (const { name = '', configMap, secret, downwardAPI, projected } of volumes) {
    if (configMap !== undefined) sourceOverlaps(warnings, name, configMap.items, 'ConfigMap', configMap.name ?? '')
    if (secret !== undefined) sourceOverlaps(warnings, name, secret.items, 'Secret', secret.secretName ?? '')
    if (downwardAPI !== undefined) sourceOverlaps(warnings, name, downwardAPI.items, 'DownwardAPI')
    if (projected === undefined) continue
    const files: File[] = []
    for (const source of projected.sources ?? []) {
      if (isEmpty(source)) warnings.push(`volume ${goQuote(name)} (Projected) has no sources provided`)
      addFilesOf(files, source)
    }
    overlaps(files, (file, other) => {
      const [here, there] = [goQuote(file.path) + owner(file), goQuote(other.path) + owner(other)]
      warnings.push(`volume ${goQuote(name)} (Projected): overlapping paths: ${here} with ${there}`)
    })
  }
  return warnings
}

function sourceOverlaps(warnings: string[], volume: string, items: Items, kind: string, name?: string): void {
  const files: File[] = []
  addFiles(files, items, kind, name)
  overlaps(files, (file, other) => {
    const subject = `volume ${goQuote(volume)}${owner(file)}`
    warnings.push(`${subject}: overlapping paths: ${goQuote(file.path)} with ${goQuote(other.path)}`)
  })
}

const owner = ({ kind, name }: File): string => (name === undefined ? ` (${kind})` : ` (${kind} ${goQuote(name)})`)

function isEmpty(source: VolumeProjection): boolean {
  for (const _ in source) return false
  return true
}

function addFilesOf(files: File[], { configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): void {
  if (configMap !== undefined) addFiles(files, configMap.items, 'ConfigMap', configMap.name ?? '')
  if (secret !== undefined) addFiles(files, secret.items, 'Secret', secret.name ?? '')
  if (downwardAPI !== undefined) addFiles(files, downwardAPI.items, 'DownwardAPI')
  if (serviceAccountToken !== undefined) addFiles(files, [serviceAccountToken], 'ServiceAccountToken')
}

function addFiles(files: File[], items: Items, kind: string, name?: string): void {
  for (const { path = '' } of items ?? []) {
    const trimmed = path.endsWith('/') ? path.replace(/\/+$/, '') : path
    if (trimmed !== '') files.push({ path: trimmed, kind, name })
  }
}

/** Each file with each that came before it. */
function overlaps(files: readonly File[], found: (file: File, other: File) => void): void {
  for (let index = 1; index < files.length; index++) {
    const file = files[index]!
    for (let before = 0; before < index; before++) {
      const other = files[before]!
      if (isWithin(file.path, other.path) || isWithin(other.path, file.path)) found(file, other)
    }
  }
}

const isWithin = (path: string, directory: string): boolean =>
  path.startsWith(directory) && (path.length === directory.length || path[directory.length] === '/')
