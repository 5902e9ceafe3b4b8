// Expressions that the real server's compiler was given, and what it said: the type, the cost, or every word of the error.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { admissionEnvironment, APPLY_CONFIGURATION, JSON_PATCHES } from './admission.ts'
import { compileExpression } from './compile.ts'
import { compileDeviceSelector } from './device.ts'
import type { Environment } from './environment.ts'
import { BOOL, describeType, isSameType, NULL, STRING, type Type } from './types.ts'

interface Recorded {
  readonly in: string
  readonly expression: string
  readonly type?: string
  readonly cost?: number
  readonly error?: string
}

// Recorded with cel-go 0.26 and the environments of Kubernetes 1.36.3.
const recorded = JSON.parse(readFileSync(new URL('testdata/compiled.json', import.meta.url), 'utf8')) as Recorded[]

const places: Readonly<Record<string, readonly [Environment, (readonly Type[])?]>> = {
  any: [admissionEnvironment({ hasAuthorizer: true })],
  validation: [admissionEnvironment({ hasAuthorizer: true }), [BOOL]],
  params: [admissionEnvironment({ hasAuthorizer: true, hasParams: true }), [BOOL]],
  message: [admissionEnvironment({}), [STRING]],
  audit: [admissionEnvironment({ hasAuthorizer: true }), [STRING, NULL]],
  apply: [admissionEnvironment({ hasAuthorizer: true, hasPatchTypes: true }), [APPLY_CONFIGURATION]],
  jsonpatch: [admissionEnvironment({ hasAuthorizer: true, hasPatchTypes: true }), [JSON_PATCHES]],
}

function outcome(place: string, expression: string): Omit<Recorded, 'in' | 'expression'> {
  if (place === 'device') {
    const selector = compileDeviceSelector(expression)
    return 'error' in selector ? selector : { type: describeType(selector.outputType), cost: selector.cost }
  }
  const [environment, wanted] = places[place] ?? assert.fail(place)
  const compiled = compileExpression(expression, environment)
  if ('errors' in compiled) return { error: `compilation failed: ${compiled.errors}` }
  const type = describeType(compiled.outputType)
  if (wanted === undefined || wanted.some((one) => isSameType(one, compiled.outputType))) return { type }
  const types = wanted.map(describeType)
  return {
    error: `must evaluate to ${types.length === 1 ? types[0] : `one of [${types.join(' ')}]`} but got ${type}`,
  }
}

for (const { in: place, expression, ...expected } of recorded)
  test(`${place}: ${expression}`, () => assert.deepEqual(outcome(place, expression), expected))
