// What checking a new Pod of 2 KB costs from the parsed body to its warnings, as a multiple of JSON.parse of the same text in
// the same run: types and unknown fields, defaults, what is set on create, validation, warnings. The aim is 8 times; exits
// with 1 above. `node src/kinds/core/pod.bench.ts`
import { type JsonValue, type KubeObject } from '@keelson/apimachinery'
import { ensureNamespace, metadataRulesOf, prepareMetadataForCreate, validateMetadata } from '../../metadata/index.ts'
import type { StrategyContext } from '../../resource.ts'
import { schemaFor } from '../../schema/index.ts'
import { findResource, strategyOf } from '../../table.ts'
import { samplePod } from '../../testing/sample-pod.ts'

const PASSES = 60
const ROUNDS = 500
const MAX_MULTIPLE = 8

const definition = findResource('', 'v1', 'pods')
if (definition === undefined) throw new Error('pods are not in the table')
const schema = schemaFor(definition)
const strategy = strategyOf(definition)
const rules = metadataRulesOf(definition, strategy)
const context: StrategyContext = {
  user: { name: 'author', uid: '', groups: [], extra: {} },
  now: new Date('2026-01-01T00:00:00Z'),
  addWarning: fail,
}

// The steps of a create, as the registry takes them.
const decode = (body: JsonValue): KubeObject => schema.decode(body, { reportUnknown: true }).object
function setDefaults(pod: KubeObject): void {
  strategy.default?.(pod)
  ensureNamespace(pod.metadata, 'team')
  prepareMetadataForCreate(pod.metadata, 'team', context.now)
  strategy.prepareForCreate?.(pod, context)
}
function validate(pod: KubeObject): void {
  for (const error of validateMetadata(pod.metadata, rules)) fail(error.detail)
  for (const error of strategy.validate?.(pod) ?? []) fail(`${error.field}: ${error.detail}`)
}
function warn(pod: KubeObject): void {
  for (const warning of strategy.warnings?.(pod, undefined) ?? []) fail(warning)
}

function checkWhole(value: JsonValue): void {
  const pod = decode(value)
  setDefaults(pod)
  validate(pod)
  warn(pod)
}

function fail(text: string): never {
  throw new Error(`the sample is to be faultless: ${text}`)
}

/** The best of many short runs, each over objects of its own: what else the machine does is no cost of ours. */
function microseconds<T>(make: () => T, run: (value: T) => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let pass = 0; pass < PASSES; pass++) {
    const values = Array.from({ length: ROUNDS }, make)
    const start = process.hrtime.bigint()
    for (const value of values) run(value)
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / ROUNDS)
  }
  return best
}

const text = JSON.stringify(samplePod())
const body = (): JsonValue => JSON.parse(text) as JsonValue // Nothing but JSON.
const decoded = (): KubeObject => decode(body())
const complete = (): KubeObject => {
  const pod = decoded()
  setDefaults(pod)
  return pod
}

// First, and for long: the code is measured as a server runs it, optimized.
for (let pass = 0; pass < 3; pass++) microseconds(body, checkWhole)
const all = microseconds(body, checkWhole)
const parse = microseconds(() => text, JSON.parse)
const steps = {
  decode: microseconds(body, decode),
  defaults: microseconds(decoded, setDefaults),
  validate: microseconds(complete, validate),
  warn: microseconds(complete, warn),
}
const multiple = (cost: number): string => `${cost.toFixed(1)} µs (${(cost / parse).toFixed(1)} x)`
console.log(
  `Pod of ${text.length} bytes, parsed in ${parse.toFixed(1)} µs: checked in ${multiple(all)}; ` +
    Object.entries(steps)
      .map(([step, cost]) => `${step} ${multiple(cost)}`)
      .join(', '),
)
process.exitCode = all <= MAX_MULTIPLE * parse ? 0 : 1
