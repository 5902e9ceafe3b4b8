// What watches over others: disruption budgets, autoscalers, quotas, endpoint slices, service accounts and their tokens.
import { apps, configMap, core, policy, service, workload } from '../objects.ts'
import type { Story } from './story.ts'

export const policies: Story = async ({ side }) => {
  const namespace = 'policies'
  const deployment = (name: string): string => `${apps(namespace, 'deployments')}/${name}`
  await side.namespace(namespace)
  for (const name of ['one', 'two', 'three']) await side.create(core(namespace, 'configmaps'), configMap(name))
  await side.create(apps(namespace, 'deployments'), workload('web', { replicas: 4 }))
  await side.status(deployment('web'), ({ readyReplicas }) => readyReplicas === 4, 'is ready')
  await side.create(core(namespace, 'resourcequotas'), {
    metadata: { name: 'all' },
    spec: {
      hard: {
        pods: '20',
        'requests.cpu': '4',
        configmaps: '10',
        services: '5',
        'count/deployments.apps': '4',
        'services.nodeports': '1',
      },
    },
  })
  await side.create(core(namespace, 'resourcequotas'), {
    metadata: { name: 'best-effort' },
    spec: { hard: { pods: '3' }, scopes: ['BestEffort'] },
  })
  // What is there is counted when a quota is made, and again when something goes.
  await side.until('the quotas are reckoned', async () => {
    const { items } = await side.client.list(core(namespace, 'resourcequotas'))
    return items.every(({ status }) => (status as { used?: object }).used !== undefined) // A quota's status.
  })
  await side.delete(`${core(namespace, 'configmaps')}/three`)
  await side.status(
    `${core(namespace, 'resourcequotas')}/all`,
    ({ used }) => (used as { configmaps: string }).configmaps === '3', // A quota's status, with the authorities' map.
    'counts one less',
  )
  await side.create(policy(namespace), {
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable: '25%' },
  })
  await side.create(policy(namespace), {
    metadata: { name: 'nothing' },
    spec: { selector: { matchLabels: { app: 'nothing' } }, minAvailable: 1 },
  })
  await side.status(`${policy(namespace)}/web`, ({ disruptionsAllowed }) => disruptionsAllowed === 1, 'allows one')
  await side.create(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`, {
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 6,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  })
  await side.create(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`, {
    metadata: { name: 'nobody' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' }, maxReplicas: 2 },
  })
}

export const services: Story = async ({ side }) => {
  const namespace = 'services'
  await side.namespace(namespace)
  await side.create(apps(namespace, 'deployments'), workload('web', { replicas: 3 }))
  await side.create(core(namespace, 'services'), service('web', { type: 'NodePort' }))
  await side.create(core(namespace, 'services'), service('headless', { clusterIP: 'None', selector: { app: 'web' } }))
  await side.create(
    core(namespace, 'services'),
    service('balanced', { type: 'LoadBalancer', selector: { app: 'web' } }),
  )
  await side.create(core(namespace, 'services'), service('empty'))
  const external = { metadata: { name: 'external' }, spec: { type: 'ExternalName', externalName: 'example.com' } }
  await side.create(core(namespace, 'services'), external)
  // Without a selector its endpoints are somebody's own, and mirrored into slices.
  await side.create(
    core(namespace, 'services'),
    service('own', { selector: null, ports: [{ port: 80, name: 'http' }] }),
  )
  await side.create(core(namespace, 'endpoints'), {
    metadata: { name: 'own' },
    subsets: [{ addresses: [{ ip: '198.51.100.7' }], ports: [{ port: 8080, name: 'http' }] }],
  })
  await side.create(core(namespace, 'serviceaccounts'), { metadata: { name: 'robot' } })
  await side.create(core(namespace, 'secrets'), {
    metadata: { name: 'robot-token', annotations: { 'kubernetes.io/service-account.name': 'robot' } },
    type: 'kubernetes.io/service-account-token',
  })
  await side.create(core(namespace, 'serviceaccounts'), { metadata: { name: 'leaving' } })
  await side.create(core(namespace, 'secrets'), {
    metadata: { name: 'leaving-token', annotations: { 'kubernetes.io/service-account.name': 'leaving' } },
    type: 'kubernetes.io/service-account-token',
  })
  await side.until('the token is made', async () => {
    const secret = await side.find(`${core(namespace, 'secrets')}/leaving-token`)
    return (secret?.['data'] as { token?: string } | undefined)?.token // A Secret's data.
  })
  await side.delete(`${core(namespace, 'serviceaccounts')}/leaving`)
  await side.gone(`${core(namespace, 'secrets')}/leaving-token`)
  await side.delete(`${core(namespace, 'serviceaccounts')}/default`)
  await side.until('the default ServiceAccount is made anew', () =>
    side.find(`${core(namespace, 'serviceaccounts')}/default`),
  )
  await side.status(`${apps(namespace, 'deployments')}/web`, ({ readyReplicas }) => readyReplicas === 3, 'is ready')
  await side.delete(`${core(namespace, 'services')}/empty`)
}
