import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type JsonPatchType, decodePatch } from './decode.ts'

const refused = (type: string, body: string, strict: boolean, message: string): void => {
  assert.throws(
    () => decodePatch(`application/${type}+json` as JsonPatchType, Buffer.from(body), strict),
    { code: 400, message },
    body,
  )
}

describe('the body of a patch', () => {
  it('of operations must be a list of objects', () => {
    refused(
      'json-patch',
      '{"a":1}',
      true,
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    )
    refused('json-patch', '{"a":1}', false, 'json: cannot unmarshal object into Go value of type jsonpatch.Patch')
    refused(
      'json-patch',
      '[1]',
      true,
      'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp',
    )
    refused(
      'json-patch',
      '[{"op":1}]',
      true,
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    )
    refused('json-patch', '', true, 'error decoding patch: unexpected end of JSON input')
    assert.deepEqual(decodePatch('application/json-patch+json', Buffer.from('null'), true).value, [])
  })

  it('of operations names what is unknown or doubled', () => {
    const body = '[{"op":"add","path":"/data/b","value":"x","zz":1,"op":"add"}]'
    assert.deepEqual(decodePatch('application/json-patch+json', Buffer.from(body), true).duplicates, [
      'json patch duplicate field "[0].op"',
      'json patch unknown field "[0].zz"',
    ])
  })

  it('of a merge must be an object', () => {
    refused(
      'merge-patch',
      '[1]',
      true,
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    )
    refused(
      'merge-patch',
      '{bad',
      true,
      "error decoding patch: invalid character 'b' looking for beginning of object key string",
    )
    refused('merge-patch', '{bad', false, 'Invalid JSON Patch')
  })

  it('of a strategic merge must be an object, or null', () => {
    refused(
      'strategic-merge-patch',
      '[1]',
      false,
      'json: cannot unmarshal array into Go value of type map[string]interface {}',
    )
    refused('strategic-merge-patch', '{bad', true, "invalid character 'b' looking for beginning of object key string")
    assert.deepEqual(decodePatch('application/strategic-merge-patch+json', Buffer.from('null'), true).value, {})
  })
})
