// What random wishes are made of: members that are there or not, parts of lists, and the pieces of a pod.
import type { JsonMap } from '../../conformance/exchange.ts'
import type { Random } from '../fuzz/random.ts'

type Makers = Readonly<Record<string, (random: Random) => unknown>>

/** Each member, or not. */
export function some(random: Random, makers: Makers, probability = 0.35): JsonMap {
  const result: JsonMap = {}
  for (const [name, make] of Object.entries(makers)) if (random.chance(probability)) result[name] = make(random)
  return result
}

/** A random part of a list in random order. */
function part<Item>(random: Random, items: readonly Item[], probability = 0.5): Item[] {
  return items
    .filter(() => random.chance(probability))
    .map((item) => ({ item, rank: random.next() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}

export const pick =
  (...values: readonly unknown[]) =>
  (random: Random): unknown =>
    random.pick(values)
export const texts = (names: readonly string[], values: readonly unknown[]): ((random: Random) => JsonMap) => {
  return (random) => some(random, Object.fromEntries(names.map((name) => [name, pick(...values)])), 0.5)
}
export const list = (...makers: readonly ((random: Random) => unknown)[]): ((random: Random) => unknown[]) => {
  return (random) => part(random, makers).map((make) => make(random))
}
export const keyed =
  (key: JsonMap, makers: Makers, required: Makers = {}) =>
  (random: Random): JsonMap => ({ ...key, ...some(random, required, 1), ...some(random, makers) })

export const metadata = (random: Random): JsonMap =>
  some(
    random,
    {
      labels: texts(['a', 'b', 'app.example.com/c'], ['1', '2']),
      annotations: texts(['x', 'y', 'z<&'], ['1', '2', '']),
      finalizers: list(pick('example.com/f'), pick('example.com/g')),
      ownerReferences: list((inner) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: 'o',
        uid: inner.pick(['u1', 'u2']),
      })),
    },
    0.25,
  )

export const quantities = texts(['cpu', 'memory'], ['1', '100m', '1Gi', 2])
const env = (name: string): ((random: Random) => unknown) =>
  keyed({ name }, { value: pick('1', '2', ''), valueFrom: pick({ fieldRef: { fieldPath: 'metadata.name' } }) })
const port = (containerPort: number): ((random: Random) => unknown) =>
  keyed({ containerPort }, { protocol: pick('TCP', 'UDP'), name: pick('p', 'q'), hostIP: pick('1.2.3.4') })

export const container = (name: string): ((random: Random) => JsonMap) =>
  keyed(
    { name },
    {
      args: pick(['a'], ['a', 'b'], []),
      command: pick(['c'], ['d']),
      env: list(env('A'), env('B'), env('C')),
      ports: list(port(80), port(81)),
      resources: (random) => some(random, { limits: quantities, requests: texts(['cpu'], ['1m', '2m']) }, 0.5),
      volumeMounts: list(
        keyed({ mountPath: '/a', name: 'v' }, { readOnly: pick(true, false) }),
        keyed({ mountPath: '/b', name: 'w' }, { subPath: pick('s') }),
      ),
      securityContext: (random) =>
        some(random, { runAsUser: pick(1, 2), capabilities: pick({ drop: ['ALL'] }, {}), privileged: pick(true) }, 0.5),
      livenessProbe: pick({ httpGet: { path: '/', port: 80 } }, { tcpSocket: { port: 'p' }, periodSeconds: 3 }),
      imagePullPolicy: pick('Always', 'Never'),
      terminationMessagePath: pick('/t'),
      tty: pick(true, false),
    },
    { image: pick('i:1', 'i:2') },
  )

export const podSpec = (random: Random): JsonMap =>
  some(
    random,
    {
      containers: list(container('c'), container('d')),
      initContainers: list(container('i')),
      volumes: list(
        keyed({ name: 'v' }, {}, { emptyDir: pick({}, { medium: 'Memory' }) }),
        keyed({ name: 'w' }, {}, { configMap: pick({ name: 'm' }, { name: 'm', items: [{ key: 'k', path: 'p' }] }) }),
      ),
      nodeSelector: texts(['n', 'm'], ['1', '2']),
      tolerations: pick([{ key: 'k', operator: 'Exists' }], [{ key: 'k' }, { key: 'l' }], []),
      imagePullSecrets: list(pick({ name: 's' }), pick({ name: 't' })),
      hostAliases: list(keyed({ ip: '1.1.1.1' }, {}, { hostnames: pick(['a'], ['a', 'b']) })),
      terminationGracePeriodSeconds: pick(1, 30),
      securityContext: (inner) => some(inner, { runAsUser: pick(1), fsGroup: pick(2), sysctls: pick([]) }, 0.5),
      affinity: pick({ nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } }, { podAffinity: {} }),
      topologySpreadConstraints: list(
        keyed(
          { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
          { labelSelector: pick({ matchLabels: { a: 'b' } }) },
        ),
      ),
      dnsPolicy: pick('Default', 'ClusterFirst'),
      serviceAccountName: pick('default'),
      hostNetwork: pick(false),
      readinessGates: pick([{ conditionType: 'a.b/c' }]),
    },
    0.25,
  )

export const template = (random: Random): JsonMap => ({
  metadata: { labels: { app: 'a', ...texts(['v'], ['1', '2'])(random) } },
  spec: podSpec(random),
})
export const selector = { matchLabels: { app: 'a' } }
export const workload = (random: Random): JsonMap => ({
  spec: { selector, template: { metadata: { labels: { app: 'a' } }, spec: { containers: [container('c')(random)] } } },
})
export const condition = (type: string): ((random: Random) => unknown) =>
  keyed(
    { type },
    { reason: pick('R', 'S'), message: pick('m'), lastTransitionTime: pick('2024-01-01T00:00:00Z') },
    { status: pick('True', 'False') },
  )
export const replicas = pick(1, 2, 0)
