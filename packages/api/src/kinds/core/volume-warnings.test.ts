// Warnings about volumes: files of one volume that hide one another.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootPath } from '@keelson/apimachinery'
import { fractionWarnings, overlapWarnings, sourceWarnings } from './volume-warnings.ts'

test('files that are, or are within, one another are told with those before them', () => {
  const items = ['x', 'xy', 'x/y', 'x/'].map((path) => ({ key: 'k', path }))
  assert.deepEqual(overlapWarnings([{ name: 's', secret: { secretName: 'n', items } }]), [
    'volume "s" (Secret "n"): overlapping paths: "x/y" with "x"',
    'volume "s" (Secret "n"): overlapping paths: "x" with "x"',
    'volume "s" (Secret "n"): overlapping paths: "x" with "x/y"',
  ])
})

test('the sources of a projected volume share one directory', () => {
  const sources = [
    { configMap: { name: 'c', items: [{ key: 'k', path: 'token/a' }] } },
    {},
    { serviceAccountToken: { path: 'token' } },
  ]
  assert.deepEqual(overlapWarnings([{ name: 'p', projected: { sources } }]), [
    'volume "p" (Projected) has no sources provided',
    'volume "p" (Projected): overlapping paths: "token" (ServiceAccountToken) with "token/a" (ConfigMap "c")',
  ])
})

test('storage systems that are gone, and half bytes', () => {
  assert.deepEqual(sourceWarnings({ name: 'v', storageos: {} }, rootPath.child('spec')), [
    'spec.storageOS: deprecated in v1.22, non-functional in v1.25+',
  ])
  assert.deepEqual(sourceWarnings({ flocker: {} }, rootPath.child('spec'), ['flocker']), [])
  assert.deepEqual(fractionWarnings({ memory: '1500m' }, 'memory', rootPath.child('limits')), [
    'limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
  ])
  assert.deepEqual(fractionWarnings({ memory: '2000m' }, 'memory', rootPath.child('limits')), [])
})
