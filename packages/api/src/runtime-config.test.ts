import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RuntimeConfigError, parseRuntimeConfig } from './runtime-config.ts'

const refusal = (...entries: string[]): string => {
  try {
    parseRuntimeConfig(entries)
  } catch (error) {
    if (error instanceof RuntimeConfigError) return error.message
    throw error
  }
  return ''
}

const isServed = (entries: readonly string[], group: string, version: string, resource: string): boolean =>
  parseRuntimeConfig(entries).findResource(group, version, resource) !== undefined

test('nothing said, everything is served', () => {
  assert.equal(parseRuntimeConfig([]).isComplete, true)
  assert.equal(parseRuntimeConfig(['apps/v1', 'api/beta=true', 'extensions/v1beta1=false']).isComplete, true)
})

test('versions and resources are switched off, and leave the rest', () => {
  const off = ['policy/v1=false', 'apps/v1/daemonsets=false', 'autoscaling/v1=0']
  assert.equal(isServed(off, 'policy', 'v1', 'poddisruptionbudgets'), false)
  assert.equal(isServed(off, 'apps', 'v1', 'daemonsets'), false)
  assert.equal(isServed(off, 'apps', 'v1', 'deployments'), true)
  assert.equal(isServed(off, 'autoscaling', 'v1', 'horizontalpodautoscalers'), false)
  assert.equal(isServed(off, 'autoscaling', 'v2', 'horizontalpodautoscalers'), true)
  const { groupVersions, isComplete } = parseRuntimeConfig(off)
  assert.equal(isComplete, false)
  assert.equal(
    groupVersions.some(({ group }) => group === 'policy'),
    false,
  )
})

test('the more specific setting wins; the last of a key does', () => {
  const few = ['api/all=false', 'v1=true', 'apps/v1/deployments=true', 'flowcontrol.apiserver.k8s.io/v1=true']
  assert.equal(isServed(few, '', 'v1', 'pods'), true)
  assert.equal(isServed(few, 'apps', 'v1', 'deployments'), true)
  assert.equal(isServed(few, 'apps', 'v1', 'replicasets'), false)
  assert.equal(isServed(['apps/v1=false', 'apps/v1=true'], 'apps', 'v1', 'deployments'), true)
  assert.equal(isServed(['api/v1=false', '/v1=true'], '', 'v1', 'pods'), true)
})

test('what upstream refuses is refused in its words', () => {
  assert.equal(refusal('nope/v1=true', 'a/b/c=true'), 'unknown api groups a/b,nope/v1')
  assert.equal(refusal('apps/v9=true'), 'group version apps/v9 that has not been registered')
  assert.equal(refusal('apps=true'), 'runtime-config invalid key apps')
  assert.equal(refusal('apps/v1/deployments/x=false'), 'runtime-config invalid key apps/v1/deployments/x')
  assert.equal(refusal('api/all=maybe'), 'invalid value api/all=maybe')
  assert.equal(refusal('api/all=false'), 'invalid runtime-config with only api/all=false')
  assert.equal(
    refusal('apps/v1=maybe'),
    'invalid value of apps/v1: maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax',
  )
  assert.equal(
    refusal('apps/v1/Deployments=true'),
    'invalid key apps/v1/Deployments: group/version/resource and resource is always lowercase plural, not "Deployments"',
  )
  assert.equal(
    refusal('flowcontrol.apiserver.k8s.io/v1=false'),
    '--runtime-config=flowcontrol.apiserver.k8s.io/v1=false conflicts with --enable-priority-and-fairness=true',
  )
})

test('flow control needs its group; the most specific setting of it counts', () => {
  assert.match(refusal('api/all=false', 'v1=true'), /^--runtime-config=api\/all=false conflicts with/)
  assert.match(refusal('api/ga=false', 'api/all=true'), /^--runtime-config=api\/ga=false conflicts with/)
  assert.equal(refusal('api/all=false', 'flowcontrol.apiserver.k8s.io/v1=true'), '')
})

test('a version that Kubernetes has and Keelson has not cannot be switched on', () => {
  assert.match(refusal('resource.k8s.io/v1beta1=true'), /not built into Keelson/)
  assert.equal(refusal('resource.k8s.io/v1beta1=false'), '')
})
