// What every request pays here: decoding and copying an object of 4 KB, matching and parsing a selector, negotiating.
// Prints microseconds, the best of twelve batches (other work on the machine only ever adds).
import { decodeJson, encodeJson } from './codec/json.ts'
import { encodeYaml } from './codec/yaml-encode.ts'
import { cloneJson } from './json-tree.ts'
import { negotiate } from './negotiation.ts'
import { applyMergePatch } from './patch/merge-patch.ts'
import { canonicalQuantity } from './quantity.ts'
import { parseLabelSelector } from './selector/label.ts'

const container = (name: string) => ({
  name,
  image: 'registry.example.com/application:1.2.3',
  env: Array.from({ length: 20 }, (_, index) => ({ name: `ENVIRONMENT_${index}`, value: `some value ${index}` })),
  resources: { requests: { cpu: '100m', memory: '128Mi' } },
  livenessProbe: { httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 },
})
const labels = { app: 'a', tier: 'x' }
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod', namespace: 'default', labels },
  spec: { containers: ['a', 'b', 'c'].map(container) },
}
const bytes = encodeJson(pod)
const selectorText = 'app=a,tier in (x,y),!canary'
const selector = parseLabelSelector(selectorText)

const BATCHES = 12
const BATCH = 3000

function measure(name: string, work: () => unknown): void {
  let best = Infinity
  for (let batch = 0; batch < BATCHES; batch++) {
    const startedAt = performance.now()
    for (let index = 0; index < BATCH; index++) work()
    best = Math.min(best, performance.now() - startedAt)
  }
  console.log(`${name.padEnd(42)} ${((best * 1000) / BATCH).toFixed(2).padStart(8)} µs`)
}

console.log(`an object of ${bytes.length} bytes`)
measure('JSON.parse alone', () => JSON.parse(bytes.toString()))
measure('decodeJson', () => decodeJson(bytes))
measure('decodeJson, duplicates looked for', () => decodeJson(bytes, { findDuplicates: true }))
measure('encodeJson', () => encodeJson(pod))
measure('encodeYaml', () => encodeYaml(pod))
measure('cloneJson', () => cloneJson(pod))
measure('applyMergePatch', () => applyMergePatch(pod, { metadata: { labels: { app: 'b' } } }))
measure('selector.matches', () => selector.matches(labels))
measure('parseLabelSelector', () => parseLabelSelector(selectorText))
measure('negotiate', () => negotiate('application/vnd.kubernetes.protobuf,application/json'))
measure('canonicalQuantity', () => canonicalQuantity('1500m'))
