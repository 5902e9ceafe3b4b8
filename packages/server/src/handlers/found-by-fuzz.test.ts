// What the differential fuzz (test/interop) has found: each case is what kube-apiserver 1.36.3 answers to the last request.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestServer } from '../testing/test-server.ts'

let server: TestServer
let client: Awaited<ReturnType<TestServer['client']>>

before(async () => {
  server = await TestServer.start()
  client = await server.client('1.1')
})
after(() => server[Symbol.asyncDispose]())

interface Call {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  readonly type?: string
  readonly accept?: string
}

const send = ({ method = 'POST', path, body, type = 'application/json', accept = 'application/json' }: Call) =>
  client.request(path, { method, body, headers: { 'content-type': type, accept } })

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const QUOTAS = '/api/v1/namespaces/default/resourcequotas'
const REVISIONS = '/apis/apps/v1/namespaces/default/controllerrevisions'
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
const AUTOSCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'

test('a table without rows says null where the kind has no columns of its own', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const rows = async (path: string): Promise<unknown> => (await send({ method: 'GET', path, accept })).body.rows
  assert.equal(await rows('/api/v1/namespaces/default/limitranges'), null)
  assert.equal(await rows('/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles'), null)
  assert.deepEqual(await rows(CONFIG_MAPS), [])
})

test('a created object may name a resourceVersion that is no number', async () => {
  const body = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } })
  assert.equal((await send({ path: CONFIG_MAPS, body: body('x', 'x') })).status, 201)
  assert.equal((await send({ path: CONFIG_MAPS, body: body('zero', '0') })).status, 201)
  assert.equal((await send({ path: CONFIG_MAPS, body: body('one', '1') })).status, 500)
})

test('an apply keeps the deletionTimestamp that it creates with; selfLink shows in a dry run only', async () => {
  const metadata = { name: 'applied', deletionTimestamp: '2031-05-06T07:08:09Z' }
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
  const path = `${CONFIG_MAPS}/applied`
  const type = 'application/apply-patch+yaml'
  const { body: applied } = await send({ method: 'PATCH', path: `${path}?fieldManager=me`, body, type })
  assert.equal(applied.metadata.deletionTimestamp, metadata.deletionTimestamp)
  await send({ path: CONFIG_MAPS, body: { metadata: { name: 'linked' } } })
  const linked = `${CONFIG_MAPS}/linked`
  const patch = { metadata: { selfLink: 'a' } }
  const { body: dry } = await send({ method: 'PATCH', path: `${linked}?dryRun=All`, body: patch, type: MERGE })
  assert.equal(dry.metadata.selfLink, 'a')
  const { body: stored } = await send({ method: 'PATCH', path: linked, body: patch, type: MERGE })
  assert.equal(stored.metadata.selfLink, undefined)
})

test('an immutable ConfigMap tells an empty map from none', async () => {
  await send({ path: CONFIG_MAPS, body: { metadata: { name: 'fixed' }, data: { a: 'b' }, immutable: true } })
  const body = { metadata: { name: 'fixed' }, data: { a: 'b' }, binaryData: {}, immutable: true }
  const { body: status } = await send({ method: 'PUT', path: `${CONFIG_MAPS}/fixed`, body })
  assert.equal(
    status.message,
    'ConfigMap "fixed" is invalid: binaryData: Forbidden: field is immutable when `immutable` is set',
  )
})

test('counted resources of a quota wrap at 64 bits; scopes are shown as they came', async () => {
  const quota = (name: string, pods: string) => ({ metadata: { name }, spec: { hard: { pods } } })
  assert.equal((await send({ path: QUOTAS, body: quota('wraps', '18446744073709551616') })).status, 201)
  assert.equal((await send({ path: QUOTAS, body: quota('big', '12345678901234567890') })).status, 422)
  await send({ path: QUOTAS, body: { metadata: { name: 'scoped' }, spec: { scopes: ['BestEffort'] } } })
  const change = async (scopes: unknown) =>
    (await send({ method: 'PATCH', path: `${QUOTAS}/scoped`, body: { spec: { scopes } }, type: MERGE })).body.message
  assert.match(await change([]), /spec.scopes: Invalid value: \[\]: field is immutable$/)
  assert.match(await change(null), /spec.scopes: Invalid value: null: field is immutable$/)
})

test('the data of a ControllerRevision is a text: the order of its members counts', async () => {
  await send({ path: REVISIONS, body: { metadata: { name: 'r' }, revision: 1, data: { b: 1, a: { d: 1, c: 2 } } } })
  const put = { metadata: { name: 'r' }, revision: 1, data: { a: { c: 2, d: 1 }, b: 1 } }
  const { body } = await send({ method: 'PUT', path: `${REVISIONS}/r`, body: put })
  assert.equal(
    body.message,
    'ControllerRevision.apps "r" is invalid: data: Invalid value: {"a":{"c":2,"d":1},"b":1}: field is immutable',
  )
  // A strategic merge writes it anew, in the order of its keys; a merge patch leaves alone what it does not name.
  const patch = (type: string) => send({ method: 'PATCH', path: `${REVISIONS}/r`, body: {}, type })
  assert.equal((await patch(STRATEGIC)).status, 422)
  assert.equal((await patch(MERGE)).status, 200)
})

test('the status of a disruption budget is checked', async () => {
  await send({ path: BUDGETS, body: { metadata: { name: 'b' }, spec: { maxUnavailable: 1 } } })
  const body = { status: { conditions: [{ type: 'Fine', status: 'Maybe' }], expectedPods: -1 } }
  const answer = await send({ method: 'PATCH', path: `${BUDGETS}/b/status`, body, type: MERGE })
  const causes = answer.body.details.causes.map(({ field }: { field: string }) => field)
  assert.deepEqual(causes, [
    'status.conditions[0].status',
    'status.conditions[0].lastTransitionTime',
    'status.conditions[0].reason',
    'status.expectedPods',
  ])
})

test('what a patch makes wrong is told in the order of its text', async () => {
  await send({ path: CONFIG_MAPS, body: { metadata: { name: 'p', labels: { z: '1', a: '2' } }, data: { k: 'v' } } })
  const patch = async (operations: unknown): Promise<string> =>
    (await send({ method: 'PATCH', path: `${CONFIG_MAPS}/p`, body: operations, type: JSON_PATCH })).body.message
  const wrong = await patch([
    { op: 'replace', path: '/metadata/labels', value: 1 },
    { op: 'add', path: '/immutable', value: 1.5 },
  ])
  assert.match(wrong, /cannot unmarshal number into Go struct field ConfigMap\.immutable of type bool$/)
  // What an operation looked at is in order, too.
  const tested = await patch([
    { op: 'test', path: '/metadata/name', value: 'p' },
    { op: 'replace', path: '/data', value: 1 },
  ])
  assert.match(tested, /"metadata\\":\{\\"creationTimestamp\\"/)
})

test('what a strategic merge makes wrong is told in the words of the converter', async () => {
  const spec = { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } }
  await send({ path: AUTOSCALERS, body: { metadata: { name: 'h' }, spec } })
  const patch = async (body: unknown): Promise<string> =>
    (await send({ method: 'PATCH', path: `${AUTOSCALERS}/h`, body, type: STRATEGIC })).body.message
  // Nulls in what the object did not have are gone from the patch that is shown.
  assert.equal(
    await patch({ spec: { behavior: { scaleDown: { policies: { 0: { type: null } } } } } }),
    ' "" is invalid: patch: Invalid value: "map[spec:map[behavior:map[scaleDown:map[policies:map[0:map[]]]]]]": ' +
      'cannot restore slice from map',
  )
  // A type that reads itself gets its part alone.
  assert.equal(
    await patch({ metadata: { creationTimestamp: [] } }),
    ' "" is invalid: patch: Invalid value: "map[metadata:map[creationTimestamp:[]]]": ' +
      'json: cannot unmarshal array into Go value of type string',
  )
})

interface Cause {
  readonly field: string
  readonly message: string
}

const fieldsOf = (body: { details: { causes: Cause[] } }): string[] => body.details.causes.map(({ field }) => field)

test('what is wrong with the metadata of a change stands where upstream looks at it', async () => {
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles'
  const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
  await send({ path: roles, body: { metadata: { name: 'r' }, rules: [rule] } })
  const wrong = { metadata: { labels: { 'Bad Key': 'a' } }, rules: [{ ...rule, verbs: [] }] }
  const { body: role } = await send({ method: 'PATCH', path: `${roles}/r`, body: wrong, type: MERGE })
  const labels = 'metadata.labels'
  assert.deepEqual(fieldsOf(role), [labels, labels, labels, 'rules[0].verbs', labels])

  const secrets = '/api/v1/namespaces/default/secrets'
  await send({ path: secrets, body: { metadata: { name: 's' }, type: 'a/b' } })
  const change = { metadata: { labels: { 'Bad Key': 'a' } }, type: 'a/c' }
  const { body: secret } = await send({ method: 'PATCH', path: `${secrets}/s`, body: change, type: MERGE })
  assert.deepEqual(fieldsOf(secret), [labels, labels, labels, 'type', labels])
})

test('the name of an API service is its version and group, the prefix of a generated one too', async () => {
  const path = '/apis/apiregistration.k8s.io/v1/apiservices'
  const spec = { group: 'a.example.com', version: 'v1', groupPriorityMinimum: 10, versionPriority: 10 }
  const service = { name: 's', namespace: 'default' }
  await send({ path, body: { metadata: { name: 'v1.a.example.com' }, spec: { ...spec, service, caBundle: 'YWJj' } } })
  const body = { metadata: { generateName: 'v1' } }
  const answer = await send({ method: 'PATCH', path: `${path}/v1.a.example.com`, body, type: MERGE })
  assert.deepEqual(fieldsOf(answer.body), ['metadata.generateName'])
})

test('labels of a namespace must name levels of pod security that there are', async () => {
  const create = (name: string, labels: Record<string, string>) =>
    send({ path: '/api/v1/namespaces', body: { metadata: { name, labels } } })
  const enforce = 'pod-security.kubernetes.io/enforce'
  const refused = await create('unsafe', { [enforce]: 'a', 'pod-security.kubernetes.io/warn-version': 'v2' })
  assert.equal(
    refused.body.message,
    `Namespace "unsafe" is invalid: [metadata.labels[${enforce}]: Invalid value: "a": must be one of privileged, baseline, ` +
      'restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "v2": must be "latest" or "v1.x"]',
  )
  assert.equal((await create('safe', { [enforce]: 'restricted', [`${enforce}-version`]: 'v1.30' })).status, 201)
})

test('an apply to an object that cannot be owned says which', async () => {
  const path = '/api/v1/namespaces/default/serviceaccounts'
  await send({ path: `${path}?fieldManager=one`, body: { metadata: { name: 'a' }, secrets: [{ kind: 'x' }] } })
  await send({ method: 'PATCH', path: `${path}/a`, body: { metadata: { managedFields: [{}] } }, type: MERGE })
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } }
  const apply = { method: 'PATCH', path: `${path}/a?fieldManager=me`, body, type: 'application/apply-patch+yaml' }
  assert.match(
    (await send(apply)).body.message,
    /^failed to create manager for existing fields: failed to convert new object \(default\/a; \/v1, Kind=ServiceAccount\) to smd typed: \.secrets: /,
  )
})

test('a slice counts generations before fields of features that are off are dropped', async () => {
  const path = '/apis/resource.k8s.io/v1/resourceslices'
  const device = { name: 'd', attributes: { cores: { int: 8 } } }
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 }
  const spec = { driver: 'd.example.com', nodeName: 'n', pool, devices: [device] }
  assert.equal((await send({ path, body: { metadata: { name: 's' }, spec } })).status, 201)
  const changed = { ...device, attributes: { cores: { int: 8, ints: [1] } } }
  const patch = { method: 'PATCH', path: `${path}/s`, body: { spec: { devices: [changed] } }, type: MERGE }
  assert.equal((await send(patch)).body.metadata.generation, 2)
})

test('containers that are processes of a Windows host need its network', async () => {
  const spec = { containers: [{ name: 'a', image: 'a' }], securityContext: { windowsOptions: { hostProcess: true } } }
  const template = { metadata: { labels: { a: 'b' } }, spec }
  const body = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } }
  const answer = await send({ path: '/apis/apps/v1/namespaces/default/daemonsets', body })
  assert.deepEqual(fieldsOf(answer.body), ['spec.template.spec.hostNetwork'])
})

test('metadata of kinds that do not look at it themselves is checked last', async () => {
  const metadata = { name: 'e', finalizers: ['a'] }
  const event = (namespace: string) => ({ metadata, involvedObject: { namespace }, reason: 'r' })
  const path = '/api/v1/namespaces/default/events'
  assert.deepEqual(fieldsOf((await send({ path, body: event('other') })).body), ['involvedObject.namespace'])
  assert.equal((await send({ path, body: event('default') })).status, 201)
})

test('an apply that creates must name a version that is a number', async () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'versioned', resourceVersion: 'x' } }
  const path = `${CONFIG_MAPS}/versioned?fieldManager=me`
  const answer = await send({ method: 'PATCH', path, body, type: 'application/apply-patch+yaml' })
  assert.equal(answer.status, 500)
  assert.equal(answer.body.message, 'strconv.ParseUint: parsing "x": invalid syntax')
})

test('the status of a pod tells of claims that the pod has', async () => {
  const pods = '/api/v1/namespaces/default/pods'
  const spec = { containers: [{ name: 'a', image: 'a' }], resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpus' }] }
  await send({ path: '/api/v1/namespaces/default/serviceaccounts', body: { metadata: { name: 'default' } } })
  assert.equal((await send({ path: pods, body: { metadata: { name: 'p' }, spec } })).status, 201)
  const change = (...resourceClaimStatuses: unknown[]) =>
    send({ method: 'PATCH', path: `${pods}/p/status`, body: { status: { resourceClaimStatuses } }, type: MERGE })
  assert.equal((await change({ name: 'gpu', resourceClaimName: 'made' })).status, 200)
  const refused = await change({ name: 'gpu' }, { name: 'gpu', resourceClaimName: 'A' }, { name: 'other' })
  const at = 'status.resourceClaimStatuses'
  assert.deepEqual(fieldsOf(refused.body), [`${at}[1].name`, `${at}[1].resourceClaimName`, `${at}[2].name`])
})

test('an object that a patch spoils is shown as Go writes JSON', async () => {
  await send({ path: CONFIG_MAPS, body: { metadata: { name: 'escaped' }, data: { a: '<&>' } } })
  const patch = [{ op: 'add', path: '/immutable', value: 'x' }]
  const { body } = await send({ method: 'PATCH', path: `${CONFIG_MAPS}/escaped`, body: patch, type: JSON_PATCH })
  assert.match(body.message, /\\"a\\":\\"\\\\u003c\\\\u0026\\\\u003e\\"/)
})

test('an address of endpoints is looked at twice, before its names and after', async () => {
  const addresses = [{ ip: 'x', hostname: 'a/b' }]
  const body = { metadata: { name: 'e' }, subsets: [{ addresses, ports: [{ port: 80 }] }] }
  const answer = await send({ path: '/api/v1/namespaces/default/endpoints', body })
  const at = 'subsets[0].addresses[0]'
  assert.deepEqual(fieldsOf(answer.body), [`${at}.ip`, `${at}.hostname`, `${at}.ip`])
})

test('a patch does not make another kind of an object', async () => {
  await send({ path: `${CONFIG_MAPS}?fieldManager=me`, body: { metadata: { name: 'stays' } } })
  const path = `${CONFIG_MAPS}/stays?fieldManager=me`
  const patch = (body: unknown, type: string) => send({ method: 'PATCH', path, body, type })
  for (const made of [{ apiVersion: 'v9' }, { kind: 'Pod' }, { apiVersion: 'apps/v1' }, { kind: 'Nonsense' }]) {
    const { status, body } = await patch({ ...made, data: { a: 'b' } }, MERGE)
    assert.equal(status, 422, JSON.stringify(body))
    const operations = Object.entries(made).map(([name, value]) => ({ op: 'replace', path: `/${name}`, value }))
    assert.equal((await patch(operations, JSON_PATCH)).status, 422)
    const merged = await patch({ ...made, data: { c: 'd' } }, STRATEGIC)
    assert.equal(merged.status, 200)
    assert.equal(merged.body.kind, 'ConfigMap')
    assert.equal(merged.body.apiVersion, 'v1')
    assert.deepEqual(merged.body.data, { c: 'd' })
  }
  const { body } = await patch({ kind: 'Pod' }, MERGE)
  assert.match(body.message, /unknown conversion|no kind/)
})
