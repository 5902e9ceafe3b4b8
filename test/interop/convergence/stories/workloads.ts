// Deployments, StatefulSets and DaemonSets: rolled out, scaled, rolled back, stuck.
import { apps, core, imagePatch, service, workload } from '../objects.ts'
import type { Side } from '../side.ts'
import { DRILL_TAINT } from './nodes.ts'
import type { Story } from './story.ts'

const STRATEGIC = 'application/strategic-merge-patch+json'

const conditionIs = (status: Readonly<Record<string, unknown>>, type: string, reason: string): boolean => {
  const conditions = (status['conditions'] ?? []) as { type: string; reason: string }[] // Conditions of a workload.
  return conditions.some((condition) => condition.type === type && condition.reason === reason)
}

/** All replicas are those of the newest template, and ready. */
const rolledOut = (side: Side, path: string, replicas: number): Promise<boolean> =>
  side.status(
    path,
    (status) =>
      (status['updatedReplicas'] ?? 0) === replicas &&
      (status['readyReplicas'] ?? 0) === replicas &&
      (status['replicas'] ?? 0) === replicas,
    `has ${replicas} new replicas`,
  )

export const deployments: Story = async ({ side }) => {
  const namespace = 'deployments'
  const path = (name: string): string => `${apps(namespace, 'deployments')}/${name}`
  await side.namespace(namespace)
  await side.create(core(namespace, 'services'), service('web'))
  await side.create(apps(namespace, 'deployments'), workload('web', { replicas: 5, more: { minReadySeconds: 1 } }))
  await rolledOut(side, path('web'), 5)
  await side.patch(path('web'), imagePatch('web:2'), STRATEGIC)
  await rolledOut(side, path('web'), 5)
  await side.patch(path('web'), { spec: { replicas: 8 } })
  await rolledOut(side, path('web'), 8)
  // Back to what it was: the first ReplicaSet comes up again as revision 3.
  await side.patch(path('web'), imagePatch('web:1'), STRATEGIC)
  await rolledOut(side, path('web'), 8)
  await side.patch(path('web'), { spec: { replicas: 3 } })
  await rolledOut(side, path('web'), 3)
}

export const stuckDeployments: Story = async ({ side }) => {
  const namespace = 'stuck-deployments'
  const path = (name: string): string => `${apps(namespace, 'deployments')}/${name}`
  await side.namespace(namespace)
  const more = { progressDeadlineSeconds: 25 }
  await side.create(apps(namespace, 'deployments'), workload('bad', { replicas: 2, image: 'bad/image:1', more }))
  await side.create(apps(namespace, 'deployments'), workload('worse', { replicas: 4, more }))
  await rolledOut(side, path('worse'), 4)
  await side.patch(path('worse'), imagePatch('bad/image:2'), STRATEGIC)
  await side.create(
    apps(namespace, 'deployments'),
    workload('recreated', { replicas: 3, more: { strategy: { type: 'Recreate' } } }),
  )
  await rolledOut(side, path('recreated'), 3)
  await side.patch(path('recreated'), imagePatch('web:2'), STRATEGIC)
  await rolledOut(side, path('recreated'), 3)
  await side.create(apps(namespace, 'deployments'), workload('paused', { replicas: 2 }))
  await rolledOut(side, path('paused'), 2)
  await side.patch(path('paused'), { spec: { paused: true } })
  await side.patch(path('paused'), imagePatch('web:2'), STRATEGIC)
  await side.status(path('paused'), (status) => conditionIs(status, 'Progressing', 'DeploymentPaused'), 'is paused')
  for (const name of ['bad', 'worse']) {
    await side.status(
      path(name),
      (status) => conditionIs(status, 'Progressing', 'ProgressDeadlineExceeded'),
      'is given up',
    )
  }
}

export const statefulSets: Story = async ({ side }) => {
  const namespace = 'statefulsets'
  const path = (name: string): string => `${apps(namespace, 'statefulsets')}/${name}`
  await side.namespace(namespace)
  // One volume a claim: which claim gets which is the binder's choice.
  for (let number = 0; number < 6; number++) {
    await side.create('/api/v1/persistentvolumes', {
      metadata: { name: `pool-${number}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'pool',
        nfs: { server: '192.0.2.9', path: '/pool' },
      },
    })
  }
  // As in the volumes' story.
  for (let number = 0; number < 6; number++)
    await side.status(`/api/v1/persistentvolumes/pool-${number}`, ({ phase }) => phase === 'Available', 'is available')
  const claims = (name: string): object => ({
    volumeClaimTemplates: [
      {
        metadata: { name },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'pool',
          resources: { requests: { storage: '1Gi' } },
        },
      },
    ],
  })
  await side.create(core(namespace, 'services'), service('db', { clusterIP: 'None' }))
  await side.create(
    apps(namespace, 'statefulsets'),
    workload('db', { replicas: 3, more: { serviceName: 'db', ...claims('data') } }),
  )
  const deleted = { whenDeleted: 'Retain', whenScaled: 'Delete' }
  await side.create(
    apps(namespace, 'statefulsets'),
    workload('shrinking', {
      replicas: 3,
      more: {
        serviceName: 'shrinking',
        podManagementPolicy: 'Parallel',
        persistentVolumeClaimRetentionPolicy: deleted,
        ...claims('cache'),
      },
    }),
  )
  await rolledOut(side, path('db'), 3)
  await rolledOut(side, path('shrinking'), 3)
  await side.patch(path('shrinking'), { spec: { replicas: 1 } })
  await side.patch(path('db'), imagePatch('web:2'), STRATEGIC)
  await rolledOut(side, path('db'), 3)
  await side.patch(path('db'), { spec: { replicas: 1 } })
  await rolledOut(side, path('db'), 1)
  await side.patch(path('db'), { spec: { replicas: 2 } })
  await rolledOut(side, path('db'), 2)
  await side.create(
    apps(namespace, 'statefulsets'),
    workload('partly', {
      replicas: 3,
      more: { serviceName: 'partly', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
    }),
  )
  await side.status(path('partly'), ({ readyReplicas }) => readyReplicas === 3, 'is ready')
  await side.patch(path('partly'), imagePatch('web:2'), STRATEGIC)
  await side.status(
    path('partly'),
    ({ updatedReplicas, readyReplicas }) => updatedReplicas === 1 && readyReplicas === 3,
    'has one new replica',
  )
  await side.gone(`${core(namespace, 'persistentvolumeclaims')}/cache-shrinking-2`)
}

export const daemonSets: Story = async ({ side }) => {
  const namespace = 'daemonsets'
  const path = (name: string): string => `${apps(namespace, 'daemonsets')}/${name}`
  const everywhere = (status: Readonly<Record<string, unknown>>): boolean =>
    (status['desiredNumberScheduled'] as number) > 0 && // A DaemonSet's status.
    status['numberReady'] === status['desiredNumberScheduled'] &&
    status['updatedNumberScheduled'] === status['desiredNumberScheduled']
  await side.namespace(namespace)
  const tolerations = [{ key: DRILL_TAINT.key, operator: 'Exists' }]
  await side.create(apps(namespace, 'daemonsets'), workload('agent', { spec: { tolerations } }))
  await side.create(
    apps(namespace, 'daemonsets'),
    workload('on-disks', { spec: { nodeSelector: { disk: 'ssd' } }, more: { updateStrategy: { type: 'OnDelete' } } }),
  )
  await side.create(
    apps(namespace, 'daemonsets'),
    workload('tolerant', { spec: { tolerations: [{ operator: 'Exists' }], nodeSelector: { dedicated: 'yes' } } }),
  )
  for (const name of ['on-disks', 'tolerant']) await side.status(path(name), everywhere, 'is on its nodes')
  await side.patch(
    path('tolerant'),
    { spec: { template: { spec: { containers: [{ name: 'main', image: 'web:2' }] } } } },
    STRATEGIC,
  )
  await side.status(path('tolerant'), everywhere, 'is on its nodes')
  // The first of all 50 nodes is silent for a while: `agent` is not rolled out before it is back.
  await side.patch(path('on-disks'), imagePatch('web:2'), STRATEGIC)
  await side.status(path('on-disks'), ({ observedGeneration }) => observedGeneration === 2, 'has been seen')
}
