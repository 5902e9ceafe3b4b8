// PersistentVolumes and claims: bound by name, by class and by size, released, deleted, kept waiting.
import { core, template } from '../objects.ts'
import type { Story } from './story.ts'

const VOLUMES = '/api/v1/persistentvolumes'

export const volumes: Story = async ({ side }) => {
  const namespace = 'volumes'
  const claims = core(namespace, 'persistentvolumeclaims')
  const volume = (name: string, more: object = {}): { metadata: object; spec: object } => ({
    metadata: { name },
    spec: {
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: name,
      nfs: { server: '192.0.2.9', path: `/${name}` },
      ...more,
    },
  })
  const claim = (name: string, more: object = {}): { metadata: object; spec: object } => ({
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: name,
      resources: { requests: { storage: '1Gi' } },
      ...more,
    },
  })
  const phase = (path: string, wanted: string): Promise<boolean> =>
    side.status(path, (status) => status['phase'] === wanted, `is ${wanted}`)
  await side.namespace(namespace)
  await side.create('/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name: 'waiting' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  // A folder that does not exist: its deleter has nothing to remove.
  const nowhere = { nfs: null, hostPath: { path: '/tmp/keelson-interop-nowhere' } }
  for (const name of ['bound', 'retained', 'too-small', 'in-use', 'elsewhere', 'waiting'])
    await side.create(VOLUMES, volume(name))
  await side.create(VOLUMES, volume('cannot-be-deleted', { persistentVolumeReclaimPolicy: 'Delete' }))
  await side.create(VOLUMES, volume('deleted', { persistentVolumeReclaimPolicy: 'Delete', ...nowhere }))
  await side.create(VOLUMES, volume('reserved', { claimRef: { namespace, name: 'reserved' } }))
  // A claim that the binder saw before its volume would be looked for among the provisioners.
  for (const name of [
    'bound',
    'retained',
    'cannot-be-deleted',
    'deleted',
    'in-use',
    'elsewhere',
    'waiting',
    'too-small',
  ])
    await phase(`${VOLUMES}/${name}`, 'Available')
  await side.create(claims, claim('bound'))
  for (const name of ['retained', 'cannot-be-deleted', 'deleted', 'in-use', 'waiting', 'reserved'])
    await side.create(claims, claim(name))
  await side.create(claims, claim('too-small', { resources: { requests: { storage: '5Gi' } } }))
  await side.create(claims, claim('by-name', { storageClassName: 'elsewhere', volumeName: 'elsewhere' }))
  await side.create(claims, claim('no-such-class'))
  await side.create(claims, claim('no-class', { storageClassName: '' }))
  await side.create(claims, { metadata: { name: 'default-class' }, spec: claimWithoutClass })
  for (const name of ['bound', 'retained', 'cannot-be-deleted', 'deleted', 'in-use', 'reserved', 'by-name'])
    await phase(`${claims}/${name}`, 'Bound')
  const user = (name: string, claimName: string): { metadata: object; spec: object } => ({
    ...(template(name) as { metadata: object; spec: object }), // A Pod's template has both.
    metadata: { name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'web:1' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    },
  })
  await side.create(core(namespace, 'pods'), user('user', 'in-use'))
  await side.create(core(namespace, 'pods'), user('first-consumer', 'waiting'))
  await side.create(core(namespace, 'pods'), user('homeless', 'no-such-claim'))
  await phase(`${core(namespace, 'pods')}/user`, 'Running')
  await phase(`${core(namespace, 'pods')}/first-consumer`, 'Running')
  for (const name of ['retained', 'cannot-be-deleted', 'deleted', 'in-use']) await side.delete(`${claims}/${name}`)
  await phase(`${VOLUMES}/retained`, 'Released')
  await phase(`${VOLUMES}/cannot-be-deleted`, 'Failed')
  await side.gone(`${VOLUMES}/deleted`)
  // Both are kept by their protection: one is used by a Pod, the other bound.
  await side.delete(`${VOLUMES}/bound`)
  await side.until('the claim in use is kept', async () => {
    const found = await side.find(`${claims}/in-use`)
    return found?.metadata.deletionTimestamp
  })
}

const claimWithoutClass = { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } }
