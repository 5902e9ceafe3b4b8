import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type FieldSet,
  type FieldSetBuilder,
  difference,
  equalSets,
  hasField,
  insert,
  intersection,
  isEmptySet,
  membersOf,
  recursiveDifference,
  sorted,
  union,
} from './field-set.ts'
import { filterFields } from './filter.ts'

type Path = readonly string[]

/** Few names and short paths, so that sets meet. */
const paths = fc.uniqueArray(
  fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"n":1}', 'v:"x"'), { minLength: 1, maxLength: 4 }),
  {
    maxLength: 8,
    selector: (path) => path.join('/'),
  },
)

const setOf = (members: readonly Path[]): FieldSet => {
  const set: FieldSetBuilder = {}
  for (const path of members) insert(set, path)
  return set
}
const textsOf = (set: FieldSet): string[] => [...membersOf(set)].map((path) => path.join('/')).toSorted()
const texts = (members: readonly Path[]): string[] => members.map((path) => path.join('/')).toSorted()
const isBelow = (path: Path, above: Path): boolean => above.every((element, index) => path[index] === element)

describe('a set of fields', () => {
  test('has the members that were put into it', () => {
    fc.assert(
      fc.property(paths, paths, (members, others) => {
        const set = setOf(members)
        assert.deepEqual(textsOf(set), texts(members))
        for (const path of others) assert.equal(hasField(set, path), texts(members).includes(path.join('/')))
      }),
    )
  })

  test('joins, meets and loses members as sets of paths do', () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b] = [setOf(left), setOf(right)]
        const [aTexts, bTexts] = [new Set(texts(left)), new Set(texts(right))]
        assert.deepEqual(textsOf(union(a, b)), [...aTexts.union(bTexts)].toSorted())
        assert.deepEqual(textsOf(intersection(a, b)), [...aTexts.intersection(bTexts)].toSorted())
        assert.deepEqual(textsOf(difference(a, b)), [...aTexts.difference(bTexts)].toSorted())
        const kept = left.filter((path) => !right.some((above) => isBelow(path, above)))
        assert.deepEqual(textsOf(recursiveDifference(a, b)), texts(kept))
        assert.equal(equalSets(a, b), aTexts.symmetricDifference(bTexts).size === 0)
        assert.deepEqual(textsOf(filterFields(a, { exclude: b })), texts(kept))
      }),
    )
  })

  test('is not changed by what is made of it, and has no empty branches', () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b] = [setOf(left), setOf(right)]
        const before = JSON.stringify([a, b])
        for (const result of [
          union(a, b),
          intersection(a, b),
          difference(a, b),
          recursiveDifference(a, b),
          sorted(a),
        ]) {
          if (textsOf(result).length === 0) assert.ok(isEmptySet(result))
        }
        assert.equal(JSON.stringify([a, b]), before)
      }),
    )
  })

  test('is written with fields before keys before values, numbers by size', () => {
    const set = setOf([
      ['v:"b"'],
      ['v:"a"'],
      ['k:{"port":443,"protocol":"TCP"}'],
      ['k:{"port":80,"protocol":"UDP"}'],
      ['k:{"port":80,"protocol":"TCP"}', 'f:port'],
      ['k:{"port":80,"protocol":"TCP"}'],
      ['f:b'],
      ['f:a', 'f:z'],
      ['f:a', 'f:y'],
      ['f:a'],
      ['i:10'],
      ['i:9'],
    ])
    assert.equal(
      JSON.stringify(sorted(set)),
      '{"f:a":{".":{},"f:y":{},"f:z":{}},"f:b":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:port":{}},' +
        '"k:{\\"port\\":80,\\"protocol\\":\\"UDP\\"}":{},"k:{\\"port\\":443,\\"protocol\\":\\"TCP\\"}":{},' +
        '"v:\\"a\\"":{},"v:\\"b\\"":{},"i:9":{},"i:10":{}}',
    )
  })

  test('keeps what a pattern includes, and the elements on the way', () => {
    const set = setOf([
      ['f:spec'],
      ['f:spec', 'f:containers', 'k:{"name":"c"}'],
      ['f:spec', 'f:containers', 'k:{"name":"c"}', 'f:resources', 'f:limits'],
      ['f:spec', 'f:containers', 'k:{"name":"c"}', 'f:image'],
      ['f:metadata', 'f:labels'],
    ])
    const include = { 'f:spec': { 'f:containers': { '*': { 'f:resources': null } } } }
    assert.deepEqual(textsOf(filterFields(set, { include })), [
      'f:spec',
      'f:spec/f:containers/k:{"name":"c"}',
      'f:spec/f:containers/k:{"name":"c"}/f:resources/f:limits',
    ])
  })
})
