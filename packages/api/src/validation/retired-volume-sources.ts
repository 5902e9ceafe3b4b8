// Storage systems of old with something to say: their drivers are gone, their rules are not.
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Label,
} from '@keelson/apimachinery'
import { checkName } from './field-checks.ts'

type Source = Readonly<Record<string, unknown>>

const HOST_AND_PORT = 'must be a host:port pair or multiple pairs separated by commas'
const MAX_TENANT_BYTES = 64
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export function checkQuobyte(errors: FieldError[], { registry, tenant, volume }: Source, path: FieldPath): void {
  const at = path.child('registry')
  if (!registry) errors.push(fieldRequired(at, HOST_AND_PORT))
  else if (Buffer.byteLength(text(tenant)) > MAX_TENANT_BYTES) {
    const detail = 'must be a UUID and may not exceed a length of 64 characters'
    errors.push(fieldRequired(path.child('tenant'), detail))
  } else {
    for (const pair of text(registry).split(','))
      if (!isHostAndPort(pair)) errors.push(fieldInvalid(at, registry, HOST_AND_PORT))
  }
  if (!volume) errors.push(fieldRequired(path.child('volume'), ''))
}

/** As Go's net.SplitHostPort: one colon outside of brackets, which stand around an IPv6 address. Both may be empty. */
const isHostAndPort = (pair: string): boolean => /^(\[[^[\]]*\]|[^[\]:]*):[^[\]:]*$/.test(pair)

/** Options of flex volumes: those of Kubernetes' own domains are taken. */
export function checkFlexOptions(errors: FieldError[], { options }: Source, path: FieldPath): void {
  for (const key of Object.keys(options ?? {})) {
    const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : key
    if (!/\.(kubernetes|k8s)\.io$/.test(`.${domain.toLowerCase()}`)) continue
    errors.push(fieldInvalid(path.child('options').key(key), key, 'kubernetes.io and k8s.io namespaces are reserved'))
  }
}

const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite']
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared']
const MANAGED_URI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

export function checkAzureDisk(errors: FieldError[], { cachingMode, kind, diskURI }: Source, path: FieldPath): void {
  if (typeof cachingMode === 'string' && !CACHING_MODES.includes(cachingMode))
    errors.push(fieldNotSupported(path.child('cachingMode'), cachingMode, CACHING_MODES))
  if (typeof kind !== 'string') return
  if (!DISK_KINDS.includes(kind)) errors.push(fieldNotSupported(path.child('kind'), kind, DISK_KINDS))
  const [start, form] = kind === 'Managed' ? ['/subscriptions/', MANAGED_URI] : ['https://', BLOB_URI]
  if (!text(diskURI).startsWith(start)) errors.push(fieldNotSupported(path.child('diskURI'), text(diskURI), [form]))
}

/** `references`: what a reference to its secret must say. */
export function checkStorageOs(
  errors: FieldError[],
  source: Source,
  path: FieldPath,
  references: readonly string[] = ['name'],
): void {
  const { volumeName, volumeNamespace } = source
  if (!volumeName) errors.push(fieldRequired(path.child('volumeName'), ''))
  else checkName(errors, path.child('volumeName'), text(volumeName), isDNS1123Label)
  if (volumeNamespace) checkName(errors, path.child('volumeNamespace'), text(volumeNamespace), isDNS1123Label)
  requireReference(errors, source, path, references)
}

/** A reference to a secret may be left out; one that is there says these. */
export function requireReference(
  errors: FieldError[],
  { secretRef }: Source,
  path: FieldPath,
  names: readonly string[] = ['name'],
): void {
  if (secretRef === undefined) return
  const reference = secretRef as Source // The schema has checked that it is a map.
  for (const name of names) if (!reference[name]) errors.push(fieldRequired(path.child('secretRef', name), ''))
}
