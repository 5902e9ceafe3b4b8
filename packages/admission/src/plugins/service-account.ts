// ServiceAccount: every pod runs as one, and gets a token for it unless it or the account says otherwise.
import { setTimeout as delay } from 'node:timers/promises'
import { type Container, type Pod, type PodSpec, generateName } from '@keelson/api'
import type { KubeObject } from '@keelson/apimachinery'
import { isPodWrite, podOf } from '../attributes.ts'
import { forbid } from '../forbid.ts'
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../types.ts'

interface ServiceAccount extends KubeObject {
  automountServiceAccountToken?: boolean
  imagePullSecrets?: { name?: string }[]
}

const DEFAULT_ACCOUNT = 'default'
const VOLUME_PREFIX = 'kube-api-access-'
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'
/** An hour and seven seconds: by that number kubelets and clients know a token that was not asked for. */
const TOKEN_SECONDS = 3607
/** A namespace's default account is made a moment after the namespace. */
const DEFAULT_ACCOUNT_ATTEMPTS = 10
const ATTEMPT_DELAY_MS = 150

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  handles: (attributes) => attributes.operation === 'CREATE' && isPodWrite(attributes),
  admit(attributes, reader) {
    const pod = podOf(attributes)
    if (pod === undefined) return undefined
    if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return checkMirrorPod(attributes, pod)
    const { spec } = pod
    spec.serviceAccountName ||= DEFAULT_ACCOUNT
    spec.serviceAccount = spec.serviceAccountName
    const account = reader.get('', 'serviceaccounts', attributes.namespace, spec.serviceAccountName)
    if (account !== undefined) return applyAccount(spec, account)
    return applyMissingAccount(attributes, spec, spec.serviceAccountName, reader)
  },
}

async function applyMissingAccount(
  attributes: AdmissionAttributes,
  spec: PodSpec,
  name: string,
  reader: AdmissionReader,
): Promise<void> {
  const attempts = name === DEFAULT_ACCOUNT ? DEFAULT_ACCOUNT_ATTEMPTS : 1
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const account = await reader.getConsistent('', 'serviceaccounts', attributes.namespace, name)
    if (account !== undefined) return applyAccount(spec, account)
    if (attempt < attempts) await delay(ATTEMPT_DELAY_MS)
  }
  const why = `error looking up service account ${attributes.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`
  throw forbid(attributes, why)
}

function applyAccount(spec: PodSpec, object: KubeObject): void {
  const account = object as ServiceAccount // Read from the resource serviceaccounts.
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec)
  const secrets = account.imagePullSecrets ?? []
  if ((spec.imagePullSecrets ?? []).length === 0 && secrets.length > 0) {
    spec.imagePullSecrets = secrets.map(({ name }) => (name === undefined ? {} : { name }))
  }
}

function mountToken(spec: PodSpec): void {
  const existing = spec.volumes?.find(({ name }) => name?.startsWith(VOLUME_PREFIX))?.name
  const volumeName = existing ?? generateName(VOLUME_PREFIX)
  let isUsed = false
  for (const list of ['initContainers', 'containers'] as const) {
    for (const container of spec[list] ?? []) isUsed = mount(container, volumeName) || isUsed
  }
  if (existing === undefined && isUsed) (spec.volumes ??= []).push(tokenVolume(volumeName))
}

/** What is already mounted there was put there on purpose. */
function mount(container: Container, name: string): boolean {
  const mounts = (container.volumeMounts ??= [])
  if (mounts.some(({ mountPath }) => mountPath === MOUNT_PATH)) return false
  mounts.push({ name, readOnly: true, mountPath: MOUNT_PATH })
  return true
}

const tokenVolume = (name: string): NonNullable<PodSpec['volumes']>[number] => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 0o644,
  },
})

/** A mirror pod is what a kubelet runs from a file: the API may not add to it, nor lend it anything. */
function checkMirrorPod(attributes: AdmissionAttributes, { spec }: Pod): void {
  if (spec.serviceAccountName) throw forbid(attributes, 'a mirror pod may not reference service accounts')
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const usesSecrets =
    (spec.imagePullSecrets ?? []).length > 0 ||
    (spec.volumes ?? []).some(
      ({ secret, projected }) =>
        secret !== undefined || projected?.sources?.some((source) => source.secret !== undefined),
    ) ||
    containers.some(
      ({ env = [], envFrom = [] }) =>
        env.some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) ||
        envFrom.some(({ secretRef }) => secretRef !== undefined),
    )
  if (usesSecrets) throw forbid(attributes, 'a mirror pod may not reference secrets')
  if (
    spec.volumes?.some(({ projected }) =>
      projected?.sources?.some((source) => source.serviceAccountToken !== undefined),
    )
  ) {
    throw forbid(attributes, 'a mirror pod may not use ServiceAccountToken volume projections')
  }
}
