// What may become of a Service after its creation: allocated values stay, and follow the type.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldErrorText } from '@keelson/apimachinery'
import { serviceStrategy } from './service.ts'
import type { Service, ServiceSpec } from './service-types.ts'

const CONTEXT = { user: { name: 'admin', uid: '', groups: [], extra: {} }, now: new Date() }

function serviceWith(spec: ServiceSpec): Service {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'n' },
    spec: { ports: [{ port: 80 }], ...spec },
  }
  serviceStrategy.default?.(service)
  return service
}

const allocated = {
  clusterIP: '10.0.0.5',
  clusterIPs: ['10.0.0.5'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
}

function update(next: Service, old: Service): string[] {
  serviceStrategy.prepareForUpdate?.(next, old, CONTEXT)
  return (serviceStrategy.validateUpdate?.(next, old) ?? []).map(fieldErrorText)
}

test('the manifest that made a service can be sent again', () => {
  const old = serviceWith({ ...allocated, type: 'NodePort', ports: [{ name: 'a', port: 80, nodePort: 30_001 }] })
  const next = serviceWith({
    type: 'NodePort',
    ports: [{ name: 'a', port: 81 }],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  })
  assert.deepEqual(update(next, old), [])
  assert.equal(next.spec.clusterIP, '10.0.0.5')
  assert.equal(next.spec.ports?.[0]?.nodePort, 30_001)
})

test('an address is for life', () => {
  const old = serviceWith(allocated)
  const next = serviceWith({ ...allocated, clusterIP: '10.0.0.6' })
  assert.deepEqual(update(next, old), ['spec.clusterIPs[0]: Invalid value: ["10.0.0.6"]: may not change once set'])
})

test('what the new type does not need goes', () => {
  const old = serviceWith({ ...allocated, type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] })
  const plain = serviceWith({
    ...allocated,
    type: 'ClusterIP',
    ports: [{ port: 80, nodePort: 30_001 }],
    externalTrafficPolicy: 'Cluster',
  })
  assert.deepEqual(update(plain, old), [])
  assert.equal(plain.spec.ports?.[0]?.nodePort, undefined)
  assert.equal(plain.spec.externalTrafficPolicy, undefined)
  const named = serviceWith({ ...allocated, type: 'ExternalName', externalName: 'example.com' })
  delete named.spec.internalTrafficPolicy
  assert.deepEqual(update(named, serviceWith(allocated)), [])
  assert.equal(named.spec.clusterIP, undefined)
  assert.equal(named.spec.ipFamilies, undefined)
})

test('the cell of outside addresses', () => {
  const cellOf = (spec: ServiceSpec, status?: Service['status']): unknown => {
    const service = serviceWith(spec)
    if (status !== undefined) service.status = status
    return serviceStrategy.row?.(service, new Date())[3]
  }
  assert.equal(cellOf({}), '<none>')
  assert.equal(cellOf({ type: 'LoadBalancer' }), '<pending>')
  assert.equal(
    cellOf({ type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'a' }] } }),
    '1.2.3.4,a',
  )
  assert.equal(cellOf({ type: 'ExternalName', externalName: 'example.com' }), 'example.com')
})

test('a load balancer that is to get no more node ports keeps those it has', () => {
  const ports = [{ name: 'a', port: 80, nodePort: 30_001 }]
  const old = serviceWith({ ...allocated, type: 'LoadBalancer', ports })
  const next = serviceWith({
    ...allocated,
    type: 'LoadBalancer',
    ports: structuredClone(ports),
    allocateLoadBalancerNodePorts: false,
  })
  assert.deepEqual(update(next, old), [])
  assert.equal(next.spec.ports?.[0]?.nodePort, 30_001)
})
