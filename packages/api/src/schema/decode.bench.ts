// What decoding a Pod of 6 KB costs: `node src/schema/decode.bench.ts`. The aim is 60 µs, parsing of the JSON aside.
import { findResource } from '../table.ts'
import { samplePod } from '../testing/sample-pod.ts'
import { schemaFor } from './index.ts'

const ROUNDS = 20_000
const definition = findResource('', 'v1', 'pods')
if (definition === undefined) throw new Error('pods are not in the table')
const schema = schemaFor(definition)
const text = JSON.stringify(samplePod(3, 16))

const microseconds = (run: () => void): number => {
  for (let round = 0; round < ROUNDS / 10; round++) run()
  const start = process.hrtime.bigint()
  for (let round = 0; round < ROUNDS; round++) run()
  return Number(process.hrtime.bigint() - start) / 1000 / ROUNDS
}
const parse = microseconds(() => void JSON.parse(text))
const both = microseconds(() => void schema.decode(JSON.parse(text), { reportUnknown: true }))
const encode = microseconds(() => void JSON.stringify(schema.decode(JSON.parse(text)).object))
console.log(
  `${text.length} bytes: parse ${parse.toFixed(1)} µs, decode ${(both - parse).toFixed(1)} µs, encode ${(encode - both).toFixed(1)} µs`,
)
