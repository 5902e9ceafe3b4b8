// The replica's Lease in kube-system: who serves now. Renewed every 10 s; leases of replicas that are gone for an hour are
// deleted by whoever sees them. Labelled keelson-apiserver: a real kube-apiserver on the same store takes every Lease labelled
// kube-apiserver for a peer of its own.
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { createHash, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { ResourceRegistry } from '../registry/types.ts'
import { SYSTEM_WRITE } from '../system-write.ts'

export const IDENTITY_LABEL = 'apiserver.kubernetes.io/identity'
const IDENTITY = 'keelson-apiserver'
const NAMESPACE = 'kube-system'
export const IDENTITY_RENEW_MS = 10_000
const LEASE_SECONDS = 3600

/** The same replica (host and port) has the same name after a restart. */
export function identityName(port: number, host = hostname()): string {
  return `${IDENTITY}-${createHash('sha256').update(`${host}:${port}`).digest('hex').slice(0, 26)}`
}

export interface IdentityLease {
  /** Creates or renews the lease, and deletes those of replicas that are gone. Called every IDENTITY_RENEW_MS. */
  renew(): Promise<void>
}

export function createIdentityLease(leases: ResourceRegistry, name: string, address: string): IdentityLease {
  const holderIdentity = `${name}_${randomUUID()}`
  const lease = (): KubeObject => ({
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { [IDENTITY_LABEL]: IDENTITY, 'kubernetes.io/hostname': hostname().toLowerCase() },
      annotations: { 'kubernetes.io/peer-advertise-address': address },
    },
    spec: { holderIdentity, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(new Date()) },
  })
  const renewOwn = async (): Promise<void> => {
    if (leases.cache.peek(NAMESPACE, name) === undefined) {
      try {
        await leases.create(NAMESPACE, lease(), SYSTEM_WRITE)
        return
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 409) throw error
      }
    }
    await leases.update(NAMESPACE, name, (current) => ({ ...current, spec: lease().spec }), 'main', SYSTEM_WRITE)
  }
  return {
    async renew() {
      await renewOwn()
      for (const entry of leases.cache.snapshot(NAMESPACE)) {
        if (entry.labels?.[IDENTITY_LABEL] !== IDENTITY || !isExpired(JSON.parse(entry.json.toString()))) continue
        const preconditions = { uid: entry.uid, resourceVersion: String(entry.revision) }
        await leases
          .delete(NAMESPACE, entry.name, { dryRun: false, preconditions }, SYSTEM_WRITE)
          .catch((error: unknown) => {
            if (!(error instanceof StatusError)) throw error // Renewed or deleted by another: fine.
          })
      }
    },
  }
}

function isExpired({ spec }: { spec?: { renewTime?: string; leaseDurationSeconds?: number } }): boolean {
  if (spec?.renewTime === undefined) return false
  return Date.now() - Date.parse(spec.renewTime) > (spec.leaseDurationSeconds ?? LEASE_SECONDS) * 1000
}

const microTime = (date: Date): string => date.toISOString().replace(/\.(\d{3})Z$/, '.$1000Z')
