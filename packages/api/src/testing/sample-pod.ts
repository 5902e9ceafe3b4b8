// The Pod that benchmarks measure with, as its author would send it: 2 KB with one container, more with more of them.
import type { JsonObject } from '@keelson/apimachinery'

/** A container with `variables` environment variables. */
export const sampleContainer = (index: number, variables: number): JsonObject => ({
  name: `container-${index}`,
  image: `registry.example.com/team/application-${index}:1.2.3`,
  args: ['--listen=0.0.0.0:8080', '--log-level=info', '--config=/etc/application/config.yaml'],
  env: [
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'application-secrets', key: 'password' } } },
    ...Array.from({ length: variables }, (_, at) => ({ name: `VARIABLE_${at}`, value: `the value of variable ${at}` })),
  ],
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { cpu: '1', memory: '1Gi' } },
  livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, initialDelaySeconds: 5, periodSeconds: 10 },
  readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 5, failureThreshold: 3 },
  volumeMounts: [
    { name: 'config', mountPath: '/etc/application', readOnly: true },
    { name: 'data', mountPath: '/var/lib/application' },
  ],
  securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false },
})

/** Spec of a pod or of a template, with names for `containers` containers. */
export const samplePodSpec = (containers: number, variables: number): JsonObject => ({
  containers: Array.from({ length: containers }, (_, index) => sampleContainer(index, variables)),
  volumes: [
    { name: 'config', configMap: { name: 'application-config' } },
    { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
  ],
  tolerations: [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    { key: 'dedicated', operator: 'Equal', value: 'application', effect: 'NoSchedule' },
  ],
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  serviceAccountName: 'application',
  securityContext: { runAsUser: 1000, fsGroup: 2000, seccompProfile: { type: 'RuntimeDefault' } },
  terminationGracePeriodSeconds: 30,
})

export const sampleLabels: Readonly<Record<string, string>> = {
  app: 'application',
  'pod-template-hash': '6d4cf56db6',
  'app.kubernetes.io/name': 'application',
}

export const samplePod = (containers = 1, variables = 4): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'application-6d4cf56db6-x7k2p',
    namespace: 'team',
    labels: sampleLabels,
    annotations: { 'example.com/team': 'platform', 'prometheus.io/scrape': 'true' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'application-6d4cf56db6',
        uid: '7e1f3b1e-3d0c-4c0f-9c3f-1f1d3c1b2a10',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  },
  spec: samplePodSpec(containers, variables),
})
