// What of a claim may change: the words of kube-apiserver 1.36.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldErrorText } from '@keelson/apimachinery'
import { validateClaimStatus, validateClaimUpdate } from '../../validation/persistent-volume-claim.ts'
import type { PersistentVolumeClaim } from './volume-claim-types.ts'

function claim(spec: object = {}, status: object = {}, annotations?: Record<string, string>): PersistentVolumeClaim {
  return {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    metadata: { name: 'c', resourceVersion: '1', ...(annotations && { annotations }) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '2Gi' } },
      volumeMode: 'Filesystem',
      ...spec,
    },
    status: { phase: 'Bound', capacity: { storage: '1Gi' }, ...status },
  }
}

const errors = (next: PersistentVolumeClaim, old: PersistentVolumeClaim): string[] =>
  validateClaimUpdate(next, old).map((error) => fieldErrorText(error).split('\n')[0] ?? '')
const asking = (storage: string): object => ({ resources: { requests: { storage } } })
const FROZEN =
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

test('a bound claim grows, and shrinks down to more than it has', () => {
  assert.deepEqual(errors(claim(asking('3Gi')), claim()), [])
  assert.deepEqual(errors(claim(asking('1500Mi')), claim()), [])
  assert.deepEqual(errors(claim(asking('1Gi')), claim()), [
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ])
  assert.deepEqual(errors(claim(asking('3Gi'), { phase: 'Pending' }), claim({}, { phase: 'Pending' })), [FROZEN])
})

test('the class moves out of the annotation, or comes where there was none', () => {
  const note = { 'volume.beta.kubernetes.io/storage-class': 'fast' }
  assert.deepEqual(errors(claim({ storageClassName: 'fast' }), claim()), [])
  assert.deepEqual(errors(claim({ storageClassName: 'fast' }), claim({}, {}, note)), [])
  assert.deepEqual(errors(claim({ storageClassName: 'slow' }, {}, note), claim({}, {}, note)), [FROZEN])
})

test('a class of attributes that is in force cannot go', () => {
  const old = claim({ volumeAttributesClassName: 'gold' }, { currentVolumeAttributesClassName: 'gold' })
  assert.deepEqual(errors(claim({}, { currentVolumeAttributesClassName: 'gold' }), old), [
    'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil',
  ])
})

test('a status has storage of its own resources only', () => {
  const status = { allocatedResources: { cpu: '1', 'example.com/x': '1', storage: '-1' } }
  assert.deepEqual(validateClaimStatus(claim({}, status)).map(fieldErrorText), [
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity',
  ])
})
