import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DecodeError } from './decoded.ts'
import { decodeJson } from './json.ts'
import { strictDecodingError, unrecognizedObject, versionAndKindProblem, versionAndKindUnreadable } from './messages.ts'

/** What a create handler says to a body that is no object. */
function refusal(body: string): string | undefined {
  const bytes = Buffer.from(body)
  try {
    const problem = versionAndKindProblem(decodeJson(bytes).value)
    return problem === undefined ? undefined : unrecognizedObject('ConfigMap', problem, bytes).message
  } catch (error) {
    assert.ok(error instanceof DecodeError)
    return unrecognizedObject('ConfigMap', versionAndKindUnreadable(error), bytes).message
  }
}

describe('messages about bodies', () => {
  it('say what is not an object', () => {
    const head =
      "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: "
    const type = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`
    assert.equal(refusal('{'), `${head}unexpected end of JSON input ({)`)
    assert.equal(refusal('[]'), `${head}json: cannot unmarshal array into Go value of type ${type} (5b5d)`)
    assert.equal(refusal('"x"'), `${head}json: cannot unmarshal string into Go value of type ${type} (227822)`)
    assert.equal(refusal(''), `${head}unexpected end of JSON input (<empty>)`)
    assert.equal(refusal('null'), undefined)
    assert.equal(refusal('{}'), undefined)
    assert.match(refusal(`{"a":"${'x'.repeat(40)}`) ?? '', /\(\{"a":"x{24} \.\.\.\)$/)
  })

  it('list what strict decoding found', () => {
    assert.equal(
      strictDecodingError(['duplicate field "metadata.labels.a"'], ['unknown field "bogus"']),
      'strict decoding error: duplicate field "metadata.labels.a", unknown field "bogus"',
    )
    assert.equal(
      strictDecodingError(['line 5: key "name" already set in map'], ['unknown field "metadata.bogus"']),
      'strict decoding error: yaml: unmarshal errors:\n  line 5: key "name" already set in map, unknown field "metadata.bogus"',
    )
  })
})
