// What the managers of the apply fuzz want of an object: a random part of all that the kind has, from few values, so that they
// agree, differ and change their minds.
import type { JsonMap } from '../../conformance/exchange.ts'
import type { Random } from '../fuzz/random.ts'
import {
  condition,
  container,
  keyed,
  list,
  metadata,
  pick,
  podSpec,
  quantities,
  replicas,
  selector,
  some,
  template,
  texts,
  workload,
} from './pieces.ts'

export interface ApplyKind {
  readonly name: string
  /** `/apis/apps/v1`. */
  readonly api: string
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  /** What the kind must have to be created. */
  base(random: Random): JsonMap
  /** What more it may have when it is created, and never change. */
  created?(random: Random): JsonMap
  want(random: Random): JsonMap
  /** Undefined: it has no status to write. */
  status?(random: Random): JsonMap
  readonly scalable?: boolean
}

export const APPLY_KINDS: readonly ApplyKind[] = [
  {
    name: 'configmap',
    api: '/api/v1',
    resource: 'configmaps',
    kind: 'ConfigMap',
    namespaced: true,
    base: () => ({}),
    want: (random) => ({
      metadata: metadata(random),
      ...some(random, {
        data: texts(['a', 'b', 'c"d'], ['1', '2', '']),
        binaryData: texts(['e', 'f'], ['AA==', 'AQ==']),
        immutable: pick(false),
      }),
    }),
  },
  {
    name: 'deployment',
    api: '/apis/apps/v1',
    resource: 'deployments',
    kind: 'Deployment',
    namespaced: true,
    scalable: true,
    base: workload,
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, {
        replicas,
        minReadySeconds: pick(0, 5),
        paused: pick(true, false),
        strategy: pick(
          { type: 'Recreate' },
          { rollingUpdate: { maxSurge: 2 } },
          { rollingUpdate: { maxSurge: '10%' } },
        ),
        selector: () => selector,
        template,
      }),
    }),
    status: (random) => ({
      metadata: metadata(random),
      status: some(random, {
        replicas,
        observedGeneration: pick(1),
        conditions: list(condition('Available'), condition('Progressing')),
      }),
    }),
  },
  {
    name: 'statefulset',
    api: '/apis/apps/v1',
    resource: 'statefulsets',
    kind: 'StatefulSet',
    namespaced: true,
    scalable: true,
    base: workload,
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, { replicas, template, podManagementPolicy: pick('OrderedReady'), serviceName: pick('') }),
    }),
  },
  {
    name: 'daemonset',
    api: '/apis/apps/v1',
    resource: 'daemonsets',
    kind: 'DaemonSet',
    namespaced: true,
    base: workload,
    want: (random) => ({ metadata: metadata(random), spec: some(random, { template, minReadySeconds: pick(1, 2) }) }),
  },
  {
    name: 'pod',
    api: '/api/v1',
    resource: 'pods',
    kind: 'Pod',
    namespaced: true,
    base: (random) => ({ spec: { containers: [{ name: 'c', image: random.pick(['i:1', 'i:2']) }] } }),
    created: (random) => ({ spec: { ...podSpec(random), containers: [container('c')(random)] } }),
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, {
        containers: list(keyed({ name: 'c' }, { image: pick('i:1', 'i:2') })),
        activeDeadlineSeconds: pick(100, 50),
        tolerations: pick([{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }]),
      }),
    }),
    status: (random) => ({
      status: some(random, {
        phase: pick('Running', 'Pending'),
        podIP: pick('10.1.1.1'),
        podIPs: list(pick({ ip: '10.1.1.1' })),
        conditions: list(condition('Ready'), condition('Initialized')),
        message: pick('m', ''),
      }),
    }),
  },
  {
    name: 'service',
    api: '/api/v1',
    resource: 'services',
    kind: 'Service',
    namespaced: true,
    base: () => ({ spec: { ports: [{ port: 80, name: 'a' }] } }),
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, {
        ports: list(
          keyed({ port: 80, name: 'a' }, { protocol: pick('TCP', 'UDP'), targetPort: pick(80, 'x') }),
          keyed({ port: 81, name: 'b' }, { protocol: pick('TCP'), appProtocol: pick('http') }),
          keyed({ port: 80, protocol: 'UDP', name: 'u' }, {}),
        ),
        selector: texts(['a', 'b'], ['1', '2']),
        externalIPs: pick(['1.2.3.4'], ['1.2.3.4', '1.2.3.5'], []),
        sessionAffinity: pick('None', 'ClientIP'),
        publishNotReadyAddresses: pick(true, false),
        internalTrafficPolicy: pick('Cluster', 'Local'),
      }),
    }),
    status: (random) => ({
      status: some(random, {
        conditions: list(
          keyed(
            { type: 'a.b/c', lastTransitionTime: '2024-01-01T00:00:00Z', reason: 'R', message: '' },
            {},
            { status: pick('True', 'False') },
          ),
        ),
      }),
    }),
  },
  {
    name: 'autoscaler-v1',
    api: '/apis/autoscaling/v1',
    resource: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    namespaced: true,
    base: () => ({
      spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } },
    }),
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, {
        maxReplicas: pick(3, 4),
        minReplicas: pick(1, 2),
        targetCPUUtilizationPercentage: pick(50, 60),
      }),
    }),
  },
  {
    name: 'ingress',
    api: '/apis/networking.k8s.io/v1',
    resource: 'ingresses',
    kind: 'Ingress',
    namespaced: true,
    base: () => ({ spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } }),
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, {
        defaultBackend: pick(
          { service: { name: 's', port: { number: 81 } } },
          { service: { name: 't', port: { name: 'p' } } },
        ),
        tls: pick([{ hosts: ['a.b'] }], []),
        rules: pick([{ host: 'a.b' }], [{ host: 'a.b' }, { host: 'b.c' }]),
        ingressClassName: pick('c', 'd'),
      }),
    }),
  },
  {
    name: 'serviceaccount',
    api: '/api/v1',
    resource: 'serviceaccounts',
    kind: 'ServiceAccount',
    namespaced: true,
    base: () => ({}),
    want: (random) => ({
      metadata: metadata(random),
      ...some(random, {
        secrets: list(keyed({ name: 's' }, { namespace: pick('n') }), pick({ name: 't' })),
        imagePullSecrets: pick([{ name: 'a' }], [{ name: 'b' }, { name: 'a' }], []),
        automountServiceAccountToken: pick(true, false),
      }),
    }),
  },
  {
    name: 'node',
    api: '/api/v1',
    resource: 'nodes',
    kind: 'Node',
    namespaced: false,
    base: () => ({}),
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, {
        unschedulable: pick(true, false),
        taints: pick([{ key: 'a', effect: 'NoSchedule' }], [{ key: 'b', effect: 'NoExecute' }], []),
        podCIDRs: list(pick('10.0.0.0/24')),
        podCIDR: pick('10.0.0.0/24'),
        providerID: pick('p'),
      }),
    }),
    status: (random) => ({
      metadata: metadata(random),
      status: some(random, {
        capacity: quantities,
        conditions: list(condition('Ready'), condition('DiskPressure')),
        addresses: list(keyed({ type: 'InternalIP' }, {}, { address: pick('1.1.1.1', '1.1.1.2') })),
        images: pick([{ names: ['i'] }], []),
      }),
    }),
  },
  {
    name: 'webhooks',
    api: '/apis/admissionregistration.k8s.io/v1',
    resource: 'validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
    namespaced: false,
    base: () => ({}),
    // Without empty lists: the real server counts a generation when one is written over none.
    want(random) {
      const webhooks = list(
        keyed(
          { name: 'a.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'] },
          { failurePolicy: pick('Ignore', 'Fail'), timeoutSeconds: pick(1, 2) },
          { clientConfig: pick({ url: 'https://a' }, { service: { name: 's', namespace: 'n' } }) },
        ),
        keyed(
          {
            name: 'b.example.com',
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            clientConfig: { url: 'https://b' },
          },
          { matchPolicy: pick('Exact') },
        ),
      )(random)
      return { metadata: metadata(random), ...(webhooks.length > 0 && { webhooks }) }
    },
  },
  {
    name: 'role',
    api: '/apis/rbac.authorization.k8s.io/v1',
    resource: 'roles',
    kind: 'Role',
    namespaced: true,
    base: () => ({}),
    want: (random) => ({
      metadata: metadata(random),
      ...some(random, {
        rules: pick([{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], [], null),
      }),
    }),
  },
  {
    name: 'budget',
    api: '/apis/policy/v1',
    resource: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    namespaced: true,
    base: () => ({ spec: { selector } }),
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, {
        selector: pick(selector, { matchLabels: { b: 'c' } }, {}),
        minAvailable: pick(1, '10%'),
        unhealthyPodEvictionPolicy: pick('AlwaysAllow'),
      }),
    }),
    status: (random) => ({
      status: some(random, { disruptionsAllowed: pick(0, 1), conditions: list(condition('DisruptionAllowed')) }),
    }),
  },
  {
    name: 'limitrange',
    api: '/api/v1',
    resource: 'limitranges',
    kind: 'LimitRange',
    namespaced: true,
    base: () => ({ spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '5Gi' } }] } }),
    want: (random) => ({
      metadata: metadata(random),
      spec: some(random, {
        limits: pick([{ type: 'PersistentVolumeClaim', max: { storage: '5Gi' }, min: { storage: '1' } }]),
      }),
    }),
  },
]
