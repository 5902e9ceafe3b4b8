// The volumes of a pod: one source each, names of their own, and what the usual sources must say. Those of storage systems
// stand in volume-sources.ts.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Label,
  isDNS1123Subdomain,
} from '@keelson/apimachinery'
import type { Volume } from '../kinds/core/pod-types.ts'
import { checkFiles } from './downward-api.ts'
import { checkName } from './field-checks.ts'
import { checkFileMode, checkItems, checkNoBacksteps } from './file-paths.ts'
import { checkProjected } from './projected-volume.ts'
import { quantityOf } from './resources.ts'
import { checkVolumeClaimSpec } from './volume-claim.ts'
import { remoteSources } from './volume-sources.ts'

type HostPathSource = NonNullable<Volume['hostPath']>
type NfsSource = NonNullable<Volume['nfs']>
type SourceRule = (errors: FieldError[], volume: Volume, path: FieldPath, context: VolumeContext) => void

export interface VolumeContext {
  /** The pod's name, when it is known: generic ephemeral volumes are named after it. */
  readonly podName: string | undefined
  /** A template may leave out what a pod must say. */
  readonly isPod: boolean
}

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]
export const PULL_POLICIES: readonly string[] = ['Always', 'IfNotPresent', 'Never']

/** The volumes that are right, by name: only these can be mounted. */
export function checkVolumes(
  errors: FieldError[],
  volumes: readonly Volume[] | undefined,
  path: FieldPath,
  context: VolumeContext,
): Map<string, Volume> {
  const good = new Map<string, Volume>()
  if (volumes === undefined) return good
  for (let index = 0; index < volumes.length; index++) {
    const volume = volumes[index] ?? {}
    const at = path.index(index)
    const before = errors.length
    checkSource(errors, volume, at, context)
    const name = volume.name ?? ''
    if (name === '') errors.push(fieldRequired(at.child('name'), ''))
    else checkName(errors, at.child('name'), name, isDNS1123Label)
    if (good.has(name)) errors.push(fieldDuplicate(at.child('name'), name))
    if (errors.length === before) good.set(name, volume)
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim !== undefined && isCreatedClaim(claim, volumes, context)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume'
      errors.push(fieldInvalid(at.child('persistentVolumeClaim', 'claimName'), claim, detail))
    }
  }
  return good
}

/** Of a generic ephemeral volume of the same pod. */
const isCreatedClaim = (claim: string, volumes: readonly Volume[], { podName }: VolumeContext): boolean =>
  volumes.some(({ name, ephemeral }) => ephemeral !== undefined && podName && claim === `${podName}-${name}`)

/** The first source is the volume's, the others are too many. */
function checkSource(errors: FieldError[], volume: Volume, path: FieldPath, context: VolumeContext): void {
  const sources = sourcesOf(volume)
  for (let at = 0; at < sources.length; at++) {
    const [field, check, refusedAs] = SOURCES[sources[at] ?? 0]!
    if (at > 0) {
      errors.push(fieldForbidden(path.child(refusedAs ?? field), 'may not specify more than 1 volume type'))
    } else check(errors, volume, path, context)
  }
  if (sources.length === 0) errors.push(fieldRequired(path, 'must specify a volume type'))
}

/** Their places among the sources, in that order. A volume has few fields, and there are many sources. */
function sourcesOf(volume: Volume): number[] {
  const places: number[] = []
  for (const field in volume) {
    const place = PLACES.get(field)
    if (place !== undefined && volume[field] !== undefined) places.push(place)
  }
  return places.length > 1 ? places.toSorted((left, right) => left - right) : places
}

/** In the order in which upstream looks at them. */
const SOURCES: readonly (readonly [field: string, check: SourceRule, refusedAs?: string])[] = [
  [
    'emptyDir',
    (errors, { emptyDir }, path) => {
      if (emptyDir?.sizeLimit === undefined || quantityOf(emptyDir.sizeLimit).sign >= 0) return
      errors.push(
        fieldForbidden(path.child('emptyDir', 'sizeLimit'), 'SizeLimit field must be a valid resource quantity'),
      )
    },
  ],
  ['hostPath', (errors, { hostPath = {} }, path) => checkHostPath(errors, hostPath, path.child('hostPath'))],
  ...remoteSources(['gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore']),
  [
    'secret',
    (errors, { secret = {} }, path) => {
      const at = path.child('secret')
      if (!secret.secretName) errors.push(fieldRequired(at.child('secretName'), ''))
      checkFileMode(errors, secret.defaultMode, at, 'defaultMode')
      checkItems(errors, secret.items, at)
    },
  ],
  ['nfs', (errors, { nfs = {} }, path) => checkNfs(errors, nfs, path.child('nfs'))],
  ...remoteSources(['iscsi', 'glusterfs', 'flocker']),
  [
    'persistentVolumeClaim',
    (errors, { persistentVolumeClaim }, path) => {
      if (!persistentVolumeClaim?.claimName)
        errors.push(fieldRequired(path.child('persistentVolumeClaim', 'claimName'), ''))
    },
  ],
  ...remoteSources(['rbd', 'cinder', 'cephfs', 'quobyte']),
  [
    'downwardAPI',
    (errors, { downwardAPI = {} }, path) => {
      const at = path.child('downwardAPI')
      checkFileMode(errors, downwardAPI.defaultMode, at, 'defaultMode')
      for (const file of downwardAPI.items ?? []) checkFiles(errors, file, at)
    },
    // The missing letter is upstream's.
    'downwarAPI',
  ],
  ...remoteSources(['fc', 'flexVolume']),
  [
    'configMap',
    (errors, { configMap = {} }, path) => {
      const at = path.child('configMap')
      if (!configMap.name) errors.push(fieldRequired(at.child('name'), ''))
      checkFileMode(errors, configMap.defaultMode, at, 'defaultMode')
      checkItems(errors, configMap.items, at)
    },
  ],
  ...remoteSources(['azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos']),
  ['projected', (errors, { projected = {} }, path) => checkProjected(errors, projected, path.child('projected'))],
  ...remoteSources(['scaleIO', 'csi']),
  ['ephemeral', checkEphemeral],
  [
    'image',
    (errors, { image = {} }, path, { isPod }) => {
      const at = path.child('image')
      if (isPod && !image.reference) errors.push(fieldRequired(at.child('reference'), ''))
      if (!image.pullPolicy) errors.push(fieldRequired(at.child('pullPolicy'), ''))
      else if (!PULL_POLICIES.includes(image.pullPolicy)) {
        errors.push(fieldNotSupported(at.child('pullPolicy'), image.pullPolicy, PULL_POLICIES))
      }
    },
  ],
]

const PLACES: ReadonlyMap<string, number> = new Map(SOURCES.map(([field], place) => [field, place]))

/** Of pods and of persistent volumes. */
export function checkHostPath(errors: FieldError[], { path, type }: HostPathSource, at: FieldPath): void {
  if (!path) return void errors.push(fieldRequired(at.child('path'), ''))
  checkNoBacksteps(errors, path, at.child('path'))
  if (type !== undefined && !HOST_PATH_TYPES.includes(type))
    errors.push(fieldNotSupported(at.child('type'), type, HOST_PATH_TYPES))
}

export function checkNfs(errors: FieldError[], { server, path = '' }: NfsSource, at: FieldPath): void {
  if (!server) errors.push(fieldRequired(at.child('server'), ''))
  if (path === '') errors.push(fieldRequired(at.child('path'), ''))
  if (!path.startsWith('/')) errors.push(fieldInvalid(at.child('path'), path, 'must be an absolute path'))
}

function checkEphemeral(
  errors: FieldError[],
  { ephemeral, name }: Volume,
  path: FieldPath,
  { podName }: VolumeContext,
): void {
  const at = path.child('ephemeral', 'volumeClaimTemplate')
  const template = ephemeral?.volumeClaimTemplate
  if (template === undefined) errors.push(fieldRequired(at, ''))
  else checkVolumeClaimSpec(errors, template.spec ?? {}, at.child('spec'))
  if (!podName || !name) return
  const claimName = `${podName}-${name}`
  for (const message of isDNS1123Subdomain(claimName)) {
    errors.push(fieldInvalid(path.child('name'), name, `PVC name ${JSON.stringify(claimName)}: ${message}`))
  }
}
