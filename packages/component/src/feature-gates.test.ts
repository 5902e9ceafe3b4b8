import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FeatureGateError, FeatureGates, knownFeatureGates } from './feature-gates.ts'

const refusal = (...entries: string[]): string => {
  try {
    FeatureGates.parse(entries)
  } catch (error) {
    if (error instanceof FeatureGateError) return error.message
    throw error
  }
  return ''
}

test('the known gates have a stage, a default, and prerequisites that are known and on when they are', () => {
  const gates = knownFeatureGates()
  assert.equal(Object.keys(gates).length, 240)
  for (const [name, gate] of Object.entries(gates)) {
    assert.match(gate.stage, /^(ALPHA|BETA|GA|DEPRECATED)$/)
    assert.equal(typeof gate.default, 'boolean')
    for (const each of gate.dependsOn ?? []) assert.ok(!gate.default || gates[each]?.default, `${name} needs ${each}`)
  }
})

test('defaults, values, and stages as a whole; what is named itself wins over its stage', () => {
  assert.equal(FeatureGates.parse([]).enabled('WatchList'), true)
  assert.equal(FeatureGates.parse(['kube:WatchList=f']).enabled('WatchList'), false)
  assert.equal(FeatureGates.parse(['WatchList=false', 'WatchList=true']).enabled('WatchList'), true)
  const beta = FeatureGates.parse(['AllBeta=false', 'APIResponseCompression=true'])
  assert.equal(beta.enabled('WatchList'), false)
  assert.equal(beta.enabled('APIResponseCompression'), true)
  assert.ok(!beta.changed.includes('APIResponseCompression'))
  assert.ok(FeatureGates.parse(['AllAlpha=true']).enabled('APIServingWithRoutine'))
  assert.throws(() => FeatureGates.parse([]).enabled('toString'), /no feature gate/)
})

test('what upstream refuses is refused in its words', () => {
  assert.equal(refusal('WatchList=false', 'Nope=true'), 'unrecognized feature gate: Nope')
  assert.equal(refusal('__proto__=true'), 'unrecognized feature gate: __proto__')
  assert.equal(refusal('WatchList'), 'missing bool value for WatchList')
  assert.equal(
    refusal('WatchList=maybe'),
    'invalid value of WatchList=maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax',
  )
  assert.equal(
    refusal('DynamicResourceAllocation=false'),
    'cannot set feature gate DynamicResourceAllocation to false, feature is locked to true',
  )
  assert.equal(
    refusal('ServiceAccountTokenNodeBinding=false', 'BoundServiceAccountTokenVolume=false'),
    '[cannot set feature gate ServiceAccountTokenNodeBinding to false, feature is locked to true, unrecognized feature gate: BoundServiceAccountTokenVolume]',
  )
  assert.equal(
    refusal('GangScheduling=true'),
    'GangScheduling is enabled, but depends on features that are disabled: [GenericWorkload]',
  )
  assert.equal(refusal('foo:WatchList=true'), 'component not registered: foo')
})
