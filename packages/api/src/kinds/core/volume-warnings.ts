// What the author of a volume should hear: storage systems that are gone, files that hide one another, sizes of half a byte.
import { type FieldPath, append, goQuote } from '@keelson/apimachinery'
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
  path: string
  /** Who puts it there, in words. */
  owner: string
}

/** About files of one volume that are, or are within, one another. */
export function overlapWarnings(volumes: readonly Volume[]): string[] {
  const warnings: string[] = []
  for (const { name = '', configMap, secret, downwardAPI, projected } of volumes) {
    const volume = `volume ${goQuote(name)}`
    const check = (source: string, items: readonly { path?: string }[] | undefined): void => {
      const files = (items ?? []).map(({ path = '' }): File => ({ path, owner: '' }))
      append(warnings, overlapsOf(files, `${volume} (${source})`))
    }
    if (configMap !== undefined) check(`ConfigMap ${goQuote(configMap.name ?? '')}`, configMap.items)
    if (secret !== undefined) check(`Secret ${goQuote(secret.secretName ?? '')}`, secret.items)
    if (downwardAPI !== undefined) check('DownwardAPI', downwardAPI.items)
    if (projected === undefined) continue
    for (const source of projected.sources ?? []) {
      if (Object.keys(source).length === 0) warnings.push(`${volume} (Projected) has no sources provided`)
    }
    append(warnings, overlapsOf((projected.sources ?? []).flatMap(filesOf), `${volume} (Projected)`))
  }
  return warnings
}

function filesOf({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): File[] {
  const files = (items: readonly { path?: string }[] | undefined, owner: string): File[] =>
    (items ?? []).map(({ path = '' }) => ({ path, owner: ` (${owner})` }))
  return [
    ...files(configMap?.items, `ConfigMap ${goQuote(configMap?.name ?? '')}`),
    ...files(secret?.items, `Secret ${goQuote(secret?.name ?? '')}`),
    ...files(downwardAPI?.items, 'DownwardAPI'),
    ...files(serviceAccountToken === undefined ? [] : [serviceAccountToken], 'ServiceAccountToken'),
  ]
}

function overlapsOf(files: readonly File[], subject: string): string[] {
  const warnings: string[] = []
  const seen: File[] = []
  for (const { path, owner } of files) {
    const file = { path: path.replace(/\/+$/, ''), owner }
    if (file.path === '') continue
    for (const other of seen) {
      if (!`${file.path}/`.startsWith(`${other.path}/`) && !`${other.path}/`.startsWith(`${file.path}/`)) continue
      const [here, there] = [goQuote(file.path) + owner, goQuote(other.path) + other.owner]
      warnings.push(`${subject}: overlapping paths: ${here} with ${there}`)
    }
    seen.push(file)
  }
  return warnings
}
