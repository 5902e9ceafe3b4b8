// What reading and writing a Pod of 2 KB as protobuf costs, as multiples of JSON.parse of the same object in the same run. The
// aim is 5 times each.
//   node packages/api/src/protobuf.bench.ts
import { decodeProtobufMessage, encodeProtobufMessage } from '@keelson/apimachinery'
import { protobufKind } from './protobuf.ts'
import { samplePod } from './testing/sample-pod.ts'

const pod = samplePod()
const message = protobufKind('v1', 'Pod')?.message
if (message === undefined) throw new Error('pods have no message')
const json = JSON.stringify(pod)
const bytes = encodeProtobufMessage(pod, message)

const ROUNDS = 20_000
/** The best of five runs: what else the machine does is no cost of ours. */
function microseconds(run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 5; attempt++) {
    const start = process.hrtime.bigint()
    for (let round = 0; round < ROUNDS; round++) run()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / ROUNDS)
  }
  return best
}

const parse = microseconds(() => void JSON.parse(json))
const decode = microseconds(() => void decodeProtobufMessage(bytes, message, 'client'))
const encode = microseconds(() => void encodeProtobufMessage(pod, message))
const share = (cost: number): string => `${cost.toFixed(1)} µs, ${(cost / parse).toFixed(1)} × JSON.parse`
console.log(`JSON.parse of ${json.length} bytes: ${parse.toFixed(1)} µs`)
console.log(`protobuf decode of ${bytes.length} bytes: ${share(decode)}`)
console.log(`protobuf encode: ${share(encode)}`)
