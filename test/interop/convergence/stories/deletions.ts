// Namespaces and owners that go, each with what depends on it.
import { apps, configMap, core, job, batch, service, workload } from '../objects.ts'
import type { Story } from './story.ts'

const HOLD = 'example.com/hold'

export const namespaces: Story = async ({ side }) => {
  const full = 'namespace-full'
  await side.namespace(full)
  await side.create(apps(full, 'deployments'), workload('web', { replicas: 3 }))
  await side.create(apps(full, 'statefulsets'), workload('db', { replicas: 2, more: { serviceName: 'db' } }))
  await side.create(batch(full, 'jobs'), job('work', { seconds: 600 }))
  await side.create(core(full, 'services'), service('web'))
  for (let number = 0; number < 20; number++) await side.create(core(full, 'configmaps'), configMap(`map-${number}`))
  await side.status(`${apps(full, 'deployments')}/web`, ({ readyReplicas }) => readyReplicas === 3, 'is ready')
  const held = 'namespace-held'
  await side.namespace(held)
  await side.create(core(held, 'configmaps'), configMap('held', { finalizers: [HOLD] }))
  await side.create(core(held, 'configmaps'), configMap('free'))
  await side.delete(`/api/v1/namespaces/${full}`)
  await side.delete(`/api/v1/namespaces/${held}`)
  await side.gone(`/api/v1/namespaces/${full}`)
  // It stays Terminating to the end, and its conditions say why.
  await side.gone(`${core(held, 'configmaps')}/free`)
  const again = 'namespace-again'
  for (let round = 0; round < 2; round++) {
    await side.namespace(again)
    await side.create(core(again, 'configmaps'), configMap(`round-${round}`, { finalizers: [HOLD] }))
    if (round > 0) continue
    await side.delete(`/api/v1/namespaces/${again}`)
    await side.patch(`${core(again, 'configmaps')}/round-0`, { metadata: { finalizers: null } })
    await side.gone(`/api/v1/namespaces/${again}`)
  }
}

export const owners: Story = async ({ side }) => {
  const namespace = 'owners'
  const deployments = apps(namespace, 'deployments')
  await side.namespace(namespace)
  for (const name of ['foreground', 'background', 'orphaning', 'staying'])
    await side.create(deployments, workload(name, { replicas: 2 }))
  for (const name of ['foreground', 'background', 'orphaning', 'staying'])
    await side.status(`${deployments}/${name}`, ({ readyReplicas }) => readyReplicas === 2, 'is ready')
  await side.delete(`${deployments}/foreground`, 'Foreground')
  await side.delete(`${deployments}/background`, 'Background')
  await side.delete(`${deployments}/orphaning`, 'Orphan')
  for (const name of ['foreground', 'background', 'orphaning']) await side.gone(`${deployments}/${name}`)
  // Held by a dependent that blocks it.
  await side.create(core(namespace, 'configmaps'), configMap('owner'))
  const owner = await side.find(`${core(namespace, 'configmaps')}/owner`)
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner?.metadata.uid }
  const ownerReferences = [{ ...reference, blockOwnerDeletion: true }]
  await side.create(core(namespace, 'configmaps'), configMap('free', { ownerReferences }))
  await side.create(core(namespace, 'configmaps'), configMap('held', { ownerReferences, finalizers: [HOLD] }))
  await side.delete(`${core(namespace, 'configmaps')}/owner`, 'Foreground')
  await side.gone(`${core(namespace, 'configmaps')}/free`)
  const uid = '11111111-2222-3333-4444-555555555555'
  const never = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid }]
  await side.create(core(namespace, 'configmaps'), configMap('lost', { ownerReferences: never }))
  await side.gone(`${core(namespace, 'configmaps')}/lost`)
  // A ReplicaSet without its owner is adopted by the next Deployment that selects it.
  await side.create(deployments, workload('orphaning', { replicas: 2 }))
  await side.status(`${deployments}/orphaning`, ({ readyReplicas }) => readyReplicas === 2, 'is ready')
}
