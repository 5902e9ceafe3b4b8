// What kube-apiserver 1.36.3 said of objects that were changed at random, and of random changes of stored objects: the kinds of
// the cluster and of its machinery must refuse them with the same causes. Found by comparing servers; those that say most are kept.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { JsonObject } from '@keelson/apimachinery'
import { type Outcome, type RecordedChange, runChange, runCreate } from './testing/recorded-case.ts'

interface Creation {
  readonly input: JsonObject
  readonly namespace: string
  readonly causes: Outcome['causes']
}

type Change = RecordedChange & { readonly causes: Outcome['causes'] }

// The files are data of these shapes.
const read = <Case>(name: string): Case[] =>
  JSON.parse(readFileSync(new URL(`testdata/${name}.json`, import.meta.url), 'utf8')) as Case[]

test('what upstream refuses to create is refused with its causes', () => {
  for (const { input, namespace, causes } of read<Creation>('mutated-cluster'))
    assert.deepEqual(runCreate(input, namespace).causes, causes, JSON.stringify(input))
})

test('what upstream refuses to change is refused with its causes', () => {
  for (const { causes, ...change } of read<Change>('changed-cluster'))
    assert.deepEqual(runChange(change), causes, JSON.stringify(change.next))
})
