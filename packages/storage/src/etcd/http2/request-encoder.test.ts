import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HpackDecoder } from '@keelson/component/http2'
import { RequestEncoder } from './request-encoder.ts'

const PATHS = ['/etcdserverpb.KV/Range', '/etcdserverpb.KV/Txn', '/etcdserverpb.Lease/LeaseGrant']

/** The path that a member reads in a block. */
function pathIn(decoder: HpackDecoder, block: Buffer): string | undefined {
  let path: string | undefined
  decoder.decode(block, {
    add({ name, value }) {
      if (name === ':path') path = value
    },
  })
  return path
}

test('a block keeps naming its own method while others are made, on its connection and on others', () => {
  const encoders = [1, 2].map(() => new RequestEncoder([[':method', 'POST']], [['te', 'trailers']]))
  // The first round fills the members' tables, the second makes the blocks that are kept, the third is given those.
  const rounds = [1, 2, 3].flatMap(() => PATHS)
  const blocks = rounds.map((path) => encoders.map((encoder) => encoder.block(path, 1_000)))
  for (const index of encoders.keys()) {
    const decoder = new HpackDecoder()
    const read = blocks.map((ofPath) => pathIn(decoder, ofPath[index] ?? Buffer.alloc(0)))
    assert.deepEqual(read, rounds)
  }
})
