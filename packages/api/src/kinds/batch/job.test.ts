// A Job's status, and what of a Job may change: the words of kube-apiserver 1.36.3.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type KubeObject, fieldErrorText } from '@keelson/apimachinery'
import { withMetadataErrors } from '../../metadata/index.ts'
import { validateJobStatus } from '../../validation/job-status.ts'
import { jobStrategy } from './job.ts'
import type { Job, JobSpec, JobStatus } from './job-types.ts'

const context = {
  user: { name: 'admin', uid: '', groups: [], extra: {} },
  now: new Date('2026-01-01T00:00:00Z'),
}

function job(spec: JobSpec = {}, status: JobStatus = {}): Job {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
  const object: Job = {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: { name: 'j', namespace: 'n', uid: 'u' },
    spec: { template, ...spec },
  }
  jobStrategy.default?.(object)
  jobStrategy.prepareForCreate?.(object, context)
  return { ...object, status }
}

const statusErrors = (next: Job, old: Job): string[] => validateJobStatus(next, old).map(fieldErrorText)
/** Without what is wrong with the metadata. */
const updateErrors = (next: KubeObject, old: KubeObject): string[] => [
  ...new Set(withMetadataErrors(jobStrategy.validateUpdate?.(next, old) ?? [], () => []).map(fieldErrorText)),
]
const isTrue = (...types: string[]): JobStatus['conditions'] => types.map((type) => ({ type, status: 'True' }))

describe('a status', () => {
  const ended = { startTime: '2026-01-01T00:00:00Z', completionTime: '2026-01-01T00:01:00Z' }
  const complete = { ...ended, conditions: isTrue('SuccessCriteriaMet', 'Complete') }

  test('of a job that succeeds is taken', () => {
    assert.deepEqual(statusErrors(job({}, complete), job()), [])
  })

  test('does not go back', () => {
    assert.deepEqual(statusErrors(job({}, { ...ended, conditions: isTrue('SuccessCriteriaMet') }), job({}, complete)), [
      'status.completionTime: Invalid value: "2026-01-01T00:01:00Z": cannot set completionTime when there is no Complete=True condition',
      'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
    ])
    assert.deepEqual(statusErrors(job({}, { failed: 1 }), job({}, { failed: 2 })), [
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
    ])
  })

  test('is not judged where it did not change', () => {
    const wrong = { active: 1, ready: 2, completedIndexes: 'x' }
    assert.deepEqual(statusErrors(job({}, { ...wrong, succeeded: 1 }), job({}, wrong)), [])
  })

  test('names indexes that there are, each once', () => {
    const spec = { completionMode: 'Indexed', completions: 5, parallelism: 5, backoffLimitPerIndex: 1 }
    const errors = (completedIndexes: string, failedIndexes: string): string[] =>
      statusErrors(job(spec, { completedIndexes, failedIndexes }), job(spec))
    assert.deepEqual(errors('0,2-3', '1,4'), [])
    assert.deepEqual(errors('0-2', '2-4'), [
      'status.failedIndexes: Invalid value: "2-4": failedIndexes and completedIndexes overlap at index: 2',
    ])
    assert.deepEqual(errors('3,1', '5'), [
      'status.completedIndexes: Invalid value: "3,1": error parsing completedIndexes: non-increasing order, previous: 3, current: 1',
      'status.failedIndexes: Invalid value: "5": error parsing failedIndexes: too large index: "5"',
    ])
  })
})

describe('a spec', () => {
  const moved = (old: Job): Job => {
    const next = structuredClone(old)
    if (next.spec?.template?.spec) next.spec.template.spec.nodeSelector = { zone: 'a' }
    return next
  }

  test('may place the pods of a suspended job elsewhere, and no others', () => {
    const suspended = job({ suspend: true })
    assert.deepEqual(updateErrors(moved(suspended), suspended), [])
    const [error = ''] = updateErrors(moved(job()), job())
    assert.match(error, /^spec.template: Invalid value: \{"labels":\{.*"Spec":\{"Volumes":null.*field is immutable$/)
    const busy = job({ suspend: true }, { active: 1 })
    assert.equal(updateErrors(moved(busy), busy).length, 1)
  })

  test('scales an indexed job as a whole', () => {
    const spec = { completionMode: 'Indexed', completions: 3, parallelism: 3 }
    const old = job(spec)
    assert.deepEqual(updateErrors(job({ ...spec, completions: 4, parallelism: 4 }), old), [])
    assert.deepEqual(updateErrors(job({ ...spec, completions: 4 }), old), [
      'spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism',
    ])
  })

  test('keeps the labels that make its selector', () => {
    const old = job()
    const next = structuredClone(old)
    delete next.spec?.template?.metadata?.labels?.['job-name']
    assert.ok(updateErrors(next, old).includes("spec.template.metadata.labels[job-name]: Required value: must be 'j'"))
  })
})
