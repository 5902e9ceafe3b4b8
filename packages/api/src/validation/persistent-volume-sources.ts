// Where a PersistentVolume is: one source, and what each must say. Unlike those of a pod, its references name a namespace.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  isDNS1123Label,
  isDNS1123Subdomain,
} from '@keelson/apimachinery'
import type { PersistentVolume } from '../kinds/core/persistentvolume.ts'
import type { Volume } from '../kinds/core/pod-types.ts'
import { checkDriverName } from './driver-name.ts'
import { checkName } from './field-checks.ts'
import { checkNoBacksteps } from './file-paths.ts'
import { checkStorageOs, requireReference } from './retired-volume-sources.ts'
import { MUST_BE_VALID, checkInitiator, remoteSources } from './volume-sources.ts'
import { checkHostPath, checkNfs } from './volumes.ts'

type Spec = NonNullable<PersistentVolume['spec']>
type Source = Record<string, unknown>
type SourceCheck = (errors: FieldError[], source: Source, path: FieldPath, name: string) => void

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Sources with the rules of a pod's. */
const SHARED = new Map(
  remoteSources([
    'gcePersistentDisk',
    'awsElasticBlockStore',
    'flocker',
    'quobyte',
    'vsphereVolume',
    'photonPersistentDisk',
    'portworxVolume',
    'azureDisk',
    'rbd',
    'cephfs',
    'scaleIO',
    'fc',
    'flexVolume',
  ]).map(([field, check, refusedAs]) => [field, { check, refusedAs }]),
)

/** In the order in which upstream looks at them: the first is the volume's source, the others are too many. */
export const PERSISTENT_SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const

const OWN: Readonly<Record<string, SourceCheck>> = {
  hostPath: checkHostPath,
  nfs: checkNfs,
  glusterfs: checkGlusterfs,
  iscsi: checkIscsi,
  cinder(errors, source, path) {
    requireFields(errors, source, path, 'volumeID')
    requireReference(errors, source, path, ['name', 'namespace'])
  },
  azureFile(errors, source, path) {
    requireFields(errors, source, path, 'secretName', 'shareName')
    if (source['secretNamespace'] === '') errors.push(fieldRequired(path.child('secretNamespace'), ''))
  },
  local(errors, source, path) {
    if (!source['path']) errors.push(fieldRequired(path.child('path'), ''))
    else checkNoBacksteps(errors, text(source['path']), path.child('path'))
  },
  storageos: (errors, source, path) => checkStorageOs(errors, source, path, ['name', 'namespace']),
  csi: checkCsi,
}

/** `volumeName` is '' for a volume that has none of its own. */
export function checkPersistentSources(errors: FieldError[], spec: Spec, volumeName: string, path: FieldPath): void {
  let found = 0
  for (const field of PERSISTENT_SOURCES) {
    const source = spec[field]
    if (source === undefined) continue
    const shared = SHARED.get(field)
    // A second source is refused, but for a flex volume.
    if (found++ > 0 && field !== 'flexVolume') {
      errors.push(fieldForbidden(path.child(shared?.refusedAs ?? field), 'may not specify more than 1 volume type'))
      continue
    }
    if (shared !== undefined) shared.check(errors, spec as Volume, path) // Their sources have the same names.
    else OWN[field]?.(errors, source as Source, path.child(field), volumeName) // The schema has checked that it is a map.
    if (field === 'local' && spec.nodeAffinity === undefined)
      errors.push(fieldRequired(path.child('nodeAffinity'), 'Local volume requires node affinity'))
  }
  if (found === 0) errors.push(fieldRequired(path, 'must specify a volume type'))
}

function requireFields(errors: FieldError[], source: Source, path: FieldPath, ...names: string[]): void {
  for (const name of names) if (!source[name]) errors.push(fieldRequired(path.child(name), ''))
}

function checkGlusterfs(errors: FieldError[], source: Source, path: FieldPath): void {
  requireFields(errors, source, path, 'endpoints', 'path')
  const { endpointsNamespace } = source
  if (typeof endpointsNamespace !== 'string') return
  const at = path.child('endpointsNamespace')
  if (endpointsNamespace !== '') checkName(errors, at, endpointsNamespace, isDNS1123Label)
  else errors.push(fieldInvalid(at, '', 'if the endpointnamespace is set, it must be a valid namespace name'))
}

const MAX_SESSION_LENGTH = 64
const SESSION_TOO_LONG =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'

function checkIscsi(errors: FieldError[], source: Source, path: FieldPath, volumeName: string): void {
  const { targetPortal, iqn, lun = 0, initiatorName, chapAuthDiscovery, chapAuthSession, secretRef } = source
  requireFields(errors, source, path, 'targetPortal')
  if (initiatorName !== undefined) {
    const session = `${volumeName}:${text(targetPortal)}`
    if (Buffer.byteLength(session) > MAX_SESSION_LENGTH)
      errors.push(fieldInvalid(path.child('targetportal'), text(targetPortal), SESSION_TOO_LONG))
  }
  if (!iqn) errors.push(fieldRequired(path.child('iqn'), ''))
  else checkInitiator(errors, text(iqn), path.child('iqn'), MUST_BE_VALID)
  if (typeof lun === 'number' && (lun < 0 || lun > 255))
    errors.push(fieldInvalid(path.child('lun'), lun, 'must be between 0 and 255, inclusive'))
  if ((chapAuthDiscovery || chapAuthSession) && secretRef === undefined)
    errors.push(fieldRequired(path.child('secretRef'), ''))
  requireReference(errors, source, path)
  if (initiatorName !== undefined)
    checkInitiator(errors, text(initiatorName), path.child('initiatorname'), MUST_BE_VALID)
}

/** The secrets that drivers are given, in the order of upstream's look at them. The one for staging is not looked at. */
const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
]

function checkCsi(errors: FieldError[], source: Source, path: FieldPath): void {
  checkDriverName(errors, text(source['driver']), path.child('driver'))
  requireFields(errors, source, path, 'volumeHandle')
  for (const field of CSI_SECRETS) {
    const reference = source[field]
    if (reference === undefined) continue
    const { name, namespace } = reference as Source // As above.
    const at = path.child(field)
    if (!name) errors.push(fieldRequired(at.child('name'), ''))
    else checkName(errors, at.child('name'), text(name), isDNS1123Subdomain)
    if (!namespace) errors.push(fieldRequired(at.child('namespace'), ''))
    else checkName(errors, at.child('namespace'), text(namespace), isDNS1123Label)
  }
}
