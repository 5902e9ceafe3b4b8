import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DecodeError, StatusError, decodeYaml, encodeYaml } from '@keelson/apimachinery'
import { YamlBodies } from './yaml-bodies.ts'

const bodies = new YamlBodies()
const decode = (text: string, findDuplicates = true) => bodies.decode(Buffer.from(text), { findDuplicates })

/** Larger than what is read inline. */
const manyItems = (count: number): object => ({
  kind: 'List',
  items: Array.from({ length: count }, (_, index) => ({ metadata: { name: `p-${index}` }, spec: { replicas: index } })),
})

describe('YAML bodies', () => {
  it('are read in the thread as they are read here', async () => {
    for (const text of [encodeYaml(manyItems(200)), `${encodeYaml(manyItems(200))}kind: Two\n`]) {
      assert.deepEqual(await decode(text), decodeYaml(Buffer.from(text), { findDuplicates: true }))
    }
    assert.deepEqual((await decode(`${encodeYaml(manyItems(200))}kind: Two\n`, false)).duplicates, [])
    const malformed = `${encodeYaml(manyItems(200))}broken: [\n`
    await assert.rejects(decode(malformed), (error: Error) => {
      assert.throws(() => decodeYaml(Buffer.from(malformed)), { message: error.message })
      return error instanceof DecodeError
    })
  })

  it('that are JSON are read as YAML would read them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (value) => {
        const json = JSON.stringify(value)
        fc.pre(!/[\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\\u[dD]/.test(json))
        let expected
        try {
          expected = decodeYaml(Buffer.from(json)).value
        } catch {
          return // YAML 1.1 has limits (keys of 1024 characters) that JSON has not.
        }
        assert.deepEqual((await decode(json)).value, expected)
      }),
      { numRuns: 300 },
    )
  })

  it('tell of keys that stand twice in the words of YAML, in JSON too', async () => {
    assert.deepEqual((await decode('{"a": 1,\n"a": 2}')).duplicates, ['line 2: key "a" already set in map'])
  })

  it('of a megabyte leave the loop to others', async () => {
    const text = encodeYaml(manyItems(20_000))
    await decode(encodeYaml(manyItems(200))) // The thread is up.
    const threadMs = (): number => process.threadCpuUsage().user / 1000
    const begun = threadMs()
    let turns = 0
    const ticking = setInterval(() => turns++, 1)
    await decode(text)
    clearInterval(ticking)
    const here = threadMs() - begun
    const inlineBegun = threadMs()
    decodeYaml(Buffer.from(text))
    const inline = threadMs() - inlineBegun
    assert.ok(here < inline / 3, `${here} ms of this thread, ${inline} ms when parsed here`)
    assert.ok(turns > 20, `${turns} turns of the loop meanwhile`)
  })

  it('beyond what may wait are refused for now, and the others are read', async () => {
    const text = encodeYaml(manyItems(500))
    const few = new YamlBodies({ maxWaitingBytes: 2.5 * text.length })
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => few.decode(Buffer.from(text), {})))
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
    )
    const last = answers[3]
    assert.ok(last?.status === 'rejected' && last.reason instanceof StatusError)
    assert.equal(last.reason.code, 429)
  })

  it('that take too long are given up, and the next is read', async () => {
    const hasty = new YamlBodies({ taskTimeoutMs: 1 })
    const [late, next] = await Promise.allSettled([
      hasty.decode(Buffer.from(encodeYaml(manyItems(50_000))), {}),
      hasty.decode(Buffer.from('a: 1'), {}),
    ])
    assert.ok(late.status === 'rejected' && /takes too long/.test(String(late.reason)))
    assert.ok(next.status === 'fulfilled')
  })
})
