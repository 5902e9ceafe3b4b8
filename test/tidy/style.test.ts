// Rules of style that a program can check.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { test } from 'node:test'
import { filesOf, read } from './tree.ts'

const sources = filesOf(/\.(ts|mjs)$/)
const texts = filesOf(/\.(ts|mjs|md|json|yaml|yml|cfg|sh)$|^(Dockerfile|run|LICENSE|\.gitignore|\.npmrc)$/)
/** Recorded from another program: nobody here chose their words. */
const isRecorded = (file: string): boolean =>
  file === 'package-lock.json' || file.includes('/facts/') || file.includes('/exchanges/')

/** Each place as `file:line: text`. */
function places(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  )
}

test('no file is a drawer for odds and ends', () => {
  assert.deepEqual(
    [...sources, ...texts].filter((file) => /(^|\/)(utils?|common|helpers?|misc)(\.|\/|$)/.test(file)),
    [],
  )
})

test('every source begins with a comment that says what it is about', () => {
  const isExempt = (file: string): boolean =>
    basename(file) === 'index.ts' || file.endsWith('.d.ts') || file.endsWith('.test.ts')
  assert.deepEqual(
    sources.filter(
      (file) => !isExempt(file) && !/^(#!.*\n)?(\/\/|\/\*\*?)/.test(read(file)) && read(file).split('\n').length > 20,
    ),
    [],
  )
})

test('no file is too long to be about one thing', () => {
  const MOST_LINES = 400
  assert.deepEqual(
    sources.filter((file) => read(file).split('\n').length > MOST_LINES),
    [],
  )
})

test('nothing is left for later, and nothing hides from the type checker', () => {
  const own = sources.filter((file) => !file.startsWith('test/tidy/'))
  assert.deepEqual(places(own, /\b(TODO|FIXME|XXX|HACK)\b/), [])
  assert.deepEqual(places(own, /@ts-ignore|@ts-expect-error|@ts-nocheck/), [])
})

test('no list is spread on the stack, which does not hold 120,000 items: append() does', () => {
  const ofRequests = sources.filter(
    (file) =>
      /^packages\/(apimachinery|api|component|storage|auth|admission|server)\/src\//.test(file) &&
      !file.endsWith('.test.ts'),
  )
  assert.deepEqual(
    ofRequests.filter((file) => /\.(push|unshift)\(\s*\.\.\./.test(read(file))),
    [],
  )
})

test('no merge is half done', () => {
  assert.deepEqual(places(texts, /^(<{7}|>{7}) /), [])
})

test('no path of a machine, no private host', () => {
  const own = texts.filter((file) => !isRecorded(file) && !file.startsWith('test/tidy/'))
  assert.deepEqual(places(own, /(?<![\w.])\/(work|root|home\/(?!you\/)[a-z]+|Users\/[a-z]+)\//), [])
  assert.deepEqual(places(texts, /https?:\/\/[^/\s"]*(artifactory|nexus|verdaccio|\.internal\b|\.corp\b|:4873)/), [])
})

/** Words about who writes this and how, by the first half of their SHA-256, so that this list holds none of them. */
const FORBIDDEN_WORDS = new Set([
  'c857d09db23e6822e3600bc06ad8d58f',
  'c70eca6b0f88f44d81a41311647e50fd',
  '60965168ce762e949600281ba6d01fee',
  '7d3194f79e645c42e4396dda38be0476',
  '053ea4804ef1bb33d4a3d6fb024a614b',
  '487b91042c7cf27a19e23ea8699f5f35',
  'de2187af3fb011708ca4ff6d21e48452',
  '3ea125d0bff386e6754b3782b300016f',
  '94a168d2da574b00ec6c787377278465',
  'd298391b07433318a02bd922ed5b9011',
  '57de4cf40144bdf7d00010f2f5557a7d',
  '386ebc0efd04339aa982703eb666c335',
  '5d72436256ada53828b51895a94bb848',
])

test('the text is about Keelson, not about how it is being written', () => {
  const found = texts
    .filter((file) => !isRecorded(file))
    .flatMap((file) => {
      const words = new Set(
        read(file)
          .toLowerCase()
          .match(/[a-z]+/g),
      )
      return [...words].filter((word) => FORBIDDEN_WORDS.has(digest(word))).map((word) => `${file}: ${word}`)
    })
  assert.deepEqual(found, [])
  assert.deepEqual(
    places(
      texts.filter((file) => !isRecorded(file) && !file.startsWith('test/tidy/')),
      /\b(this|next|later|earlier|previous) (issue|session)s?\b|\bissue #?\d+\b/i,
    ),
    [],
  )
})

function digest(word: string): string {
  return createHash('sha256').update(word).digest('hex').slice(0, 32)
}
