// What the recorded kube-apiserver 1.36.3 made of creations: each kind must come to the same stored object, the same row of a
// table, and the same causes of a refusal. testdata/ has what the functions of a kind decide alone: what admission adds is
// taken out, and what needs allocation, or rules that this kind does not have yet, is not in it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { JsonObject, JsonValue } from '@keelson/apimachinery'
import { rowOf, runCreate } from './testing/recorded-case.ts'

const TOPICS = ['core', 'pods', 'workloads', 'net', 'cluster']

interface Recorded {
  input: JsonObject & { metadata: { name?: string } }
  namespace?: string
}

interface StoredCase extends Recorded {
  stored: JsonObject
  cells?: JsonValue[]
}

interface RefusedCase extends Recorded {
  causes: { reason: string; message: string; field: string }[]
}

// The files are data of these shapes.
const read = <Case>(name: string): Case[] =>
  JSON.parse(readFileSync(new URL(`testdata/${name}.json`, import.meta.url), 'utf8')) as Case[]

const titleOf = ({ input }: Recorded): string => `${String(input['kind'])} ${input.metadata.name ?? ''}`

for (const topic of TOPICS) {
  test(`${topic}: what is created is stored as upstream stores it`, () => {
    for (const recorded of read<StoredCase>(`stored-${topic}`)) {
      const { stored, causes } = runCreate(recorded.input, recorded.namespace ?? '')
      assert.deepEqual(causes, [], titleOf(recorded))
      assert.deepEqual(stored, recorded.stored, titleOf(recorded))
    }
  })

  test(`${topic}: a table shows what upstream shows`, () => {
    for (const recorded of read<StoredCase>(`stored-${topic}`)) {
      if (recorded.cells !== undefined) assert.deepEqual(rowOf(recorded.stored), recorded.cells, titleOf(recorded))
    }
  })

  test(`${topic}: what upstream refuses is refused with its causes`, () => {
    for (const recorded of read<RefusedCase>(`refused-${topic}`)) {
      assert.deepEqual(runCreate(recorded.input, recorded.namespace ?? '').causes, recorded.causes, titleOf(recorded))
    }
  })
}
