// What the real server says about expressions, word for word.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileExpression } from './compile.ts'
import { makeEnvironment } from './environment.ts'
import { describeType, DYN } from './types.ts'

const environment = makeEnvironment({ object: { type: DYN } })

function outcome(expression: string): string {
  const compiled = compileExpression(expression, environment)
  return 'errors' in compiled ? compiled.errors : describeType(compiled.outputType)
}

test('an unknown name is pointed at', () => {
  assert.equal(outcome('x'), "ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x\n | ^")
})

test('the type of the whole is known', () => {
  assert.equal(outcome('object.spec.replicas > 1 && [1, 2].map(x, x + 1).size() == 2'), 'bool')
  assert.equal(outcome('{"a": [1.5]}'), 'map(string, list(double))')
})

test('syntax errors list what could have come', () => {
  const expected =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
  assert.equal(
    outcome('object.x +'),
    `ERROR: <input>:1:11: Syntax error: mismatched input '<EOF>' expecting ${expected}\n | object.x +\n | ..........^`,
  )
})
