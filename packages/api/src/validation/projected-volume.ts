// A projected volume: files of several sources in one directory, none of them twice.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Subdomain,
} from '@keelson/apimachinery'
import type { VolumeProjection } from '../kinds/core/pod-types.ts'
import { checkFiles } from './downward-api.ts'
import { checkFileMode, checkItems, checkNonReservedPath } from './file-paths.ts'
import { checkLabelSelector } from './labels.ts'

const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']

export function checkProjected(
  errors: FieldError[],
  { sources, defaultMode }: { sources?: VolumeProjection[] | null; defaultMode?: number },
  path: FieldPath,
): void {
  checkFileMode(errors, defaultMode, path, 'defaultMode')
  const paths = new Set<string>()
  const claim = (filePath: string | undefined, value: string): void => {
    if (!filePath) return
    if (paths.has(filePath)) errors.push(fieldInvalid(path, value, 'conflicting duplicate paths'))
    paths.add(filePath)
  }
  sources?.forEach((source, index) => {
    const at = path.child('sources').index(index)
    for (const kind of ['secret', 'configMap'] as const) {
      const projection = source[kind]
      if (projection === undefined) continue
      const name = projection.name ?? ''
      if (name === '') errors.push(fieldRequired(at.child(kind, 'name'), ''))
      checkItems(errors, projection.items, at.child(kind))
      for (const item of projection.items ?? []) claim(item.path, name)
    }
    for (const file of source.downwardAPI?.items ?? []) {
      checkFiles(errors, file, at.child('downwardAPI'))
      claim(file.path, file.path ?? '')
    }
    if (source.serviceAccountToken !== undefined) checkToken(errors, source.serviceAccountToken, at, path)
    if (source.clusterTrustBundle !== undefined) {
      checkTrustBundle(errors, source.clusterTrustBundle, at.child('clusterTrustBundle'))
      claim(source.clusterTrustBundle.path, source.clusterTrustBundle.path ?? '')
    }
    if (source.podCertificate !== undefined)
      checkCertificate(errors, source.podCertificate, at.child('podCertificate'), claim)
    if (hasSeveral(source)) errors.push(fieldForbidden(at, 'may not specify more than 1 volume type per source'))
  })
}

function hasSeveral(source: VolumeProjection): boolean {
  let count = 0
  for (const kind in source) if (source[kind as keyof VolumeProjection] !== undefined) count++ // Its own members.
  return count > 1
}

function checkToken(
  errors: FieldError[],
  { expirationSeconds = 0, path: filePath = '' }: NonNullable<VolumeProjection['serviceAccountToken']>,
  sourcePath: FieldPath,
  volumePath: FieldPath,
): void {
  const at = sourcePath.child('serviceAccountToken', 'expirationSeconds')
  if (expirationSeconds < 600)
    errors.push(fieldInvalid(at, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  if (expirationSeconds > 2 ** 32)
    errors.push(fieldInvalid(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  if (filePath === '') errors.push(fieldRequired(volumePath.child('path'), ''))
  else checkNonReservedPath(errors, filePath, volumePath.child('path'))
}

function checkTrustBundle(
  errors: FieldError[],
  bundle: NonNullable<VolumeProjection['clusterTrustBundle']>,
  path: FieldPath,
): void {
  const { name, signerName, labelSelector, path: filePath = '' } = bundle
  if (name !== undefined && signerName !== undefined) {
    errors.push(fieldInvalid(path, bundle, 'only one of name and signerName may be used'))
  } else if (name !== undefined) {
    if (name === '') errors.push(fieldRequired(path.child('name'), 'must be a valid object name'))
    for (const message of isDNS1123Subdomain(name.replaceAll(':', '.'))) {
      errors.push(fieldInvalid(path.child('name'), name, `not a valid clustertrustbundlename: ${message}`))
    }
    if (labelSelector !== undefined) {
      errors.push(
        fieldInvalid(path.child('labelSelector'), labelSelector, 'labelSelector must be unset if name is specified'),
      )
    }
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(fieldRequired(path.child('signerName'), 'must be a valid signer name'))
    checkLabelSelector(errors, labelSelector, path.child('labelSelector'))
  } else errors.push(fieldRequired(path, 'either name or signerName must be specified'))
  if (filePath === '') errors.push(fieldRequired(path.child('path'), ''))
  checkNonReservedPath(errors, filePath, path.child('path'))
}

function checkCertificate(
  errors: FieldError[],
  certificate: NonNullable<VolumeProjection['podCertificate']>,
  path: FieldPath,
  claim: (filePath: string | undefined, value: string) => void,
): void {
  const { keyType = '', maxExpirationSeconds } = certificate
  if (!KEY_TYPES.includes(keyType)) errors.push(fieldNotSupported(path.child('keyType'), keyType, KEY_TYPES))
  if (maxExpirationSeconds !== undefined && maxExpirationSeconds < 3600) {
    const detail = 'if provided, maxExpirationSeconds must be >= 3600'
    errors.push(fieldInvalid(path.child('maxExpirationSeconds'), maxExpirationSeconds, detail))
  }
  const names = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const
  for (const name of names) {
    const filePath = certificate[name]
    if (!filePath) continue
    checkNonReservedPath(errors, filePath, path.child(name))
    claim(filePath, filePath)
  }
  if (names.every((name) => !certificate[name])) {
    errors.push(fieldRequired(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'))
  }
}
