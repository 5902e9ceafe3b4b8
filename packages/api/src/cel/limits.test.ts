// What a hostile expression can cost: nothing overflows the stack, and time grows with the length of the text.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { admissionEnvironment } from './admission.ts'
import { compileExpression } from './compile.ts'
import { MAX_COPIED_EXPRESSIONS } from './macros.ts'
import { MAX_DEPTH } from './parser.ts'
import { MAX_EXPRESSION_POINTS } from './source.ts'

const environment = admissionEnvironment({ hasAuthorizer: true })

function errorsOf(expression: string): string | undefined {
  const compiled = compileExpression(expression, environment)
  return 'errors' in compiled ? compiled.errors : undefined
}

const nested = (depth: number): string => `${'('.repeat(depth)}1${')'.repeat(depth)}`

test('rules within themselves have a limit', () => {
  assert.equal(errorsOf(nested(MAX_DEPTH - 1)), undefined)
  assert.equal(errorsOf(nested(MAX_DEPTH)), 'ERROR: <input>:-1:0: expression recursion limit exceeded: 250')
  assert.equal(errorsOf('['.repeat(50_000)), 'ERROR: <input>:-1:0: expression recursion limit exceeded: 250')
})

test('chains have the same limit, as what they mean is nested', () => {
  assert.equal(errorsOf(`object${'.a'.repeat(MAX_DEPTH)}`), undefined)
  assert.equal(errorsOf(`object${'.a'.repeat(MAX_DEPTH + 1)}`), 'ERROR: <input>:-1:0: max recursion depth exceeded')
  assert.equal(errorsOf(`1${' + 1'.repeat(MAX_DEPTH + 1)}`), 'ERROR: <input>:-1:0: max recursion depth exceeded')
  assert.equal(errorsOf(`true${' && true'.repeat(5000)}`), undefined)
})

test('the text has a limit, in characters', () => {
  const text = (length: number): string => `"${'😀'.repeat(length - 2)}"`
  assert.equal(errorsOf(text(MAX_EXPRESSION_POINTS)), undefined)
  assert.equal(
    errorsOf(text(MAX_EXPRESSION_POINTS + 1)),
    'ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100001, limit 100000',
  )
})

test('errors have limits: told, recovered from, tokens skipped', () => {
  assert.match(errorsOf('#'.repeat(1000)) ?? '', /\n1 more errors were truncated$/)
  assert.match(errorsOf('f('.repeat(100)) ?? '', /Syntax error: error recovery attempt limit exceeded: 30/)
  assert.match(
    errorsOf('a '.repeat(500)) ?? '',
    /^ERROR: <input>:-1:0: error recovery token lookahead limit exceeded: 256/,
  )
})

test('macros that repeat their target have a limit: each doubles the expression', () => {
  const chain = (length: number): string => `optional.of(1)${'.optMap(x, x)'.repeat(length)}`
  assert.equal(errorsOf(chain(8)), undefined)
  assert.match(errorsOf(chain(30)) ?? '', /the expression repeats too much of itself/)
  assert.ok(2 ** 30 > MAX_COPIED_EXPRESSIONS)
})

test('whatever the text, there is an answer', () => {
  const words = ['object', '1', '"a"', '(', ')', '[', ']', '{', '}', '.', ',', '?', ':', '+', '-', '!', '&&', 'in', 'x']
  const broken = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3, unit: 'binary' })), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(broken, (parts) => {
      const errors = errorsOf(parts.join(' '))
      assert.ok(errors === undefined || errors.startsWith('ERROR: <input>:'))
    }),
  )
})
