// Volume sources of storage systems: which fields they cannot do without. Most are served by CSI drivers now, so their rules
// are a table; those with more to say have a function.
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldRequired,
  inclusiveRangeMessage,
  isDNS1123Subdomain,
} from '@keelson/apimachinery'
import type { IscsiSource, Volume } from '../kinds/core/pod-types.ts'
import { checkDriverName } from './driver-name.ts'
import { checkName } from './field-checks.ts'
import { checkDescendingPath } from './file-paths.ts'
import {
  checkAzureDisk,
  checkFlexOptions,
  checkQuobyte,
  checkStorageOs,
  requireReference,
} from './retired-volume-sources.ts'

interface RemoteRule {
  /** Where upstream's errors point, when it is not the field. */
  readonly path?: string
  /** Where upstream refuses it as the second source, when that is yet another name. */
  readonly refusedAs?: string
  readonly required: readonly string[]
  check?(errors: FieldError[], source: Record<string, unknown>, path: FieldPath): void
}

type SourceEntry = readonly [
  field: string,
  check: (errors: FieldError[], volume: Volume, path: FieldPath) => void,
  refusedAs?: string,
]

/** Entries of the table of sources, in the order given. */
export function remoteSources(fields: readonly (keyof typeof RULES)[]): SourceEntry[] {
  return fields.map((field) => {
    const rule: RemoteRule = RULES[field]
    const check = (errors: FieldError[], volume: Volume, path: FieldPath): void => {
      const source = (volume[field] ?? {}) as Record<string, unknown> // The schema has checked that sources are maps.
      const at = path.child(rule.path ?? field)
      for (const name of rule.required) {
        const value = source[name]
        if (!value || (Array.isArray(value) && value.length === 0)) errors.push(fieldRequired(at.child(name), ''))
      }
      rule.check?.(errors, source, at)
    }
    return rule.refusedAs === undefined ? [field, check] : [field, check, rule.refusedAs]
  })
}

function checkPartition(errors: FieldError[], { partition }: Record<string, unknown>, path: FieldPath): void {
  if (typeof partition === 'number' && (partition < 0 || partition > 255)) {
    errors.push(fieldInvalid(path.child('partition'), partition, inclusiveRangeMessage(1, 255)))
  }
}

const RULES = {
  gitRepo: {
    required: ['repository'],
    check: (errors, { directory }, path) =>
      checkDescendingPath(errors, String(directory ?? ''), path.child('directory')),
  },
  gcePersistentDisk: {
    path: 'persistentDisk',
    refusedAs: 'gcePersistentDisk',
    required: ['pdName'],
    check: checkPartition,
  },
  awsElasticBlockStore: { required: ['volumeID'], check: checkPartition },
  iscsi: { required: ['targetPortal'], check: checkIscsi },
  glusterfs: { required: ['endpoints', 'path'] },
  flocker: { required: [], check: checkFlocker },
  rbd: { required: ['monitors', 'image'] },
  cinder: { required: ['volumeID'], check: requireReference },
  cephfs: { refusedAs: 'cephFS', required: ['monitors'] },
  quobyte: { required: [], check: checkQuobyte },
  fc: { required: [], check: checkFibreChannel },
  flexVolume: { required: ['driver'], check: checkFlexOptions },
  azureFile: { required: ['secretName', 'shareName'] },
  vsphereVolume: { required: ['volumePath'] },
  photonPersistentDisk: { required: ['pdID'] },
  portworxVolume: { required: ['volumeID'] },
  azureDisk: { required: ['diskName', 'diskURI'], check: checkAzureDisk },
  storageos: { required: [], check: checkStorageOs },
  scaleIO: { required: ['gateway', 'system', 'volumeName'] },
  csi: { required: [], check: checkCsi },
} satisfies Record<string, RemoteRule>

function checkIscsi(errors: FieldError[], source: Record<string, unknown>, path: FieldPath): void {
  const { iqn = '', lun = 0, initiatorName, chapAuthDiscovery, chapAuthSession, secretRef }: IscsiSource = source
  if (iqn === '') errors.push(fieldRequired(path.child('iqn'), ''))
  else checkInitiator(errors, iqn, path.child('iqn'))
  if (lun < 0 || lun > 255) errors.push(fieldInvalid(path.child('lun'), lun, inclusiveRangeMessage(0, 255)))
  if ((chapAuthDiscovery || chapAuthSession) && secretRef === undefined)
    errors.push(fieldRequired(path.child('secretRef'), ''))
  if (initiatorName !== undefined) checkInitiator(errors, initiatorName, path.child('initiatorname'))
}

function checkCsi(errors: FieldError[], source: Record<string, unknown>, path: FieldPath): void {
  checkDriverName(errors, String(source['driver'] ?? ''), path.child('driver'))
  const secret = source['nodePublishSecretRef'] as { name?: string } | undefined // The schema has checked that it is a map.
  if (secret === undefined) return
  if (!secret.name) errors.push(fieldRequired(path.child('nodePublishSecretRef', 'name'), ''))
  else checkName(errors, path.child('name'), secret.name, isDNS1123Subdomain)
}

const INITIATORS: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
}

export const MUST_BE_VALID = 'must be valid format'

/** `otherwise`: what is said of a name of another form. */
export function checkInitiator(
  errors: FieldError[],
  name: string,
  path: FieldPath,
  otherwise = 'must be valid format starting with iqn, eui, or naa',
): void {
  const expression = INITIATORS[name.slice(0, 3)]
  if (expression === undefined) errors.push(fieldInvalid(path, name, otherwise))
  else if (!expression.test(name)) errors.push(fieldInvalid(path, name, MUST_BE_VALID))
}

function checkFlocker(
  errors: FieldError[],
  { datasetName, datasetUUID }: Record<string, unknown>,
  path: FieldPath,
): void {
  if (!datasetName && !datasetUUID) errors.push(fieldRequired(path, 'one of datasetName and datasetUUID is required'))
  if (datasetName && datasetUUID) {
    errors.push(fieldInvalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  }
  if (String(datasetName ?? '').includes('/'))
    errors.push(fieldInvalid(path.child('datasetName'), datasetName, "must not contain '/'"))
}

function checkFibreChannel(
  errors: FieldError[],
  { targetWWNs, wwids, lun }: Record<string, unknown>,
  path: FieldPath,
): void {
  const has = (list: unknown): boolean => Array.isArray(list) && list.length > 0
  const at = path.child('targetWWNs')
  if (!has(targetWWNs) && !has(wwids))
    errors.push(fieldRequired(at, 'must specify either targetWWNs or wwids, but not both'))
  if (has(targetWWNs) && has(wwids)) {
    errors.push(fieldInvalid(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'))
  }
  if (!has(targetWWNs)) return
  if (typeof lun !== 'number')
    errors.push(fieldRequired(path.child('lun'), 'lun is required if targetWWNs is specified'))
  else if (lun < 0 || lun > 255) errors.push(fieldInvalid(path.child('lun'), lun, inclusiveRangeMessage(0, 255)))
}
