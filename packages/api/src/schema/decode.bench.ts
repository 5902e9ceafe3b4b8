// What decoding a Pod of 6 KB costs: `node src/schema/decode.bench.ts`. The aim is 60 µs, parsing of the JSON aside.
import { findResource } from '../table.ts'
import { schemaFor } from './index.ts'

const container = (index: number): object => ({
  name: `container-${index}`,
  image: `registry.example.com/team/application-${index}:1.2.3`,
  args: ['--listen=0.0.0.0:8080', '--log-level=info', '--config=/etc/application/config.yaml'],
  env: Array.from({ length: 10 }, (_, at) => ({ name: `VARIABLE_${at}`, value: `the value of variable ${at}` })),
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { cpu: '1', memory: '1Gi' } },
  livenessProbe: { httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' }, periodSeconds: 10, timeoutSeconds: 1 },
  readinessProbe: { httpGet: { path: '/readyz', port: 8080, scheme: 'HTTP' }, periodSeconds: 5, failureThreshold: 3 },
  volumeMounts: [
    { name: 'config', mountPath: '/etc/application', readOnly: true },
    { name: 'data', mountPath: '/var/lib/application' },
  ],
  securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false },
})

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'application-6d4cf56db6-x7k2p',
    namespace: 'team',
    labels: { app: 'application', 'pod-template-hash': '6d4cf56db6', tier: 'backend' },
    annotations: { 'example.com/notes': 'n'.repeat(400) },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'application-6d4cf56db6', uid: 'u', controller: true },
    ],
  },
  spec: {
    containers: [0, 1, 2].map(container),
    volumes: [
      { name: 'config', configMap: { name: 'application-config' } },
      { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
    ],
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ],
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    serviceAccountName: 'application',
    terminationGracePeriodSeconds: 30,
  },
  status: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
  },
}

const ROUNDS = 20_000
const definition = findResource('', 'v1', 'pods')
if (definition === undefined) throw new Error('pods are not in the table')
const schema = schemaFor(definition)
const text = JSON.stringify(pod)

const microseconds = (run: () => void): number => {
  for (let round = 0; round < ROUNDS / 10; round++) run()
  const start = process.hrtime.bigint()
  for (let round = 0; round < ROUNDS; round++) run()
  return Number(process.hrtime.bigint() - start) / 1000 / ROUNDS
}
const parse = microseconds(() => void JSON.parse(text))
const both = microseconds(() => void schema.decode(JSON.parse(text), { reportUnknown: true }))
const encode = microseconds(() => void JSON.stringify(schema.decode(JSON.parse(text)).object))
console.log(
  `${text.length} bytes: parse ${parse.toFixed(1)} µs, decode ${(both - parse).toFixed(1)} µs, encode ${(encode - both).toFixed(1)} µs`,
)
