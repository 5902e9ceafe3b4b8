import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { readComments } from '../../scripts/model-comments.ts'
import { readFacts } from '../facts.ts'
import { describeSchema } from './describe.ts'
import { servedResources } from '../served.ts'
import { openApiDocument, openApiHashes, recordedDocument } from './documents.ts'

const everything = servedResources()

test('every document is the recorded one, byte for byte', async () => {
  for (const [path, hash] of Object.entries(readFacts<Record<string, string>>('openapi-hashes.json'))) {
    const document = await recordedDocument(everything, path)
    assert.equal(createHash('sha512').update(document).digest('hex').toUpperCase(), hash, path)
  }
})

test('the documents that are served are valid JSON with schemas of kinds', async () => {
  const document = JSON.parse(String(await openApiDocument(everything, 'apis/apps/v1')))
  assert.equal(document.openapi, '3.0.0')
  assert.deepEqual(document.components.schemas['io.k8s.api.apps.v1.Deployment']['x-kubernetes-group-version-kind'], [
    { group: 'apps', kind: 'Deployment', version: 'v1' },
  ])
})

test('PATCH takes fieldValidation: kubectl looks there before it leaves validation to the server', async () => {
  const document = JSON.parse(String(await openApiDocument(everything, 'api/v1')))
  const { patch } = document.paths['/api/v1/namespaces/{namespace}/configmaps/{name}']
  assert.ok(patch.parameters.some(({ name }: { name: string }) => name === 'fieldValidation'))
})

test('what is not served has no document', async () => {
  assert.equal(await openApiDocument(everything, 'apis/nosuch/v1'), undefined)
  assert.equal(await openApiDocument(everything, 'constructor'), undefined)
  assert.equal(openApiHashes(everything).has('apis/apps/v1'), true)
})

test('descriptions are put before what they describe', () => {
  const b = { allOf: [{ $ref: '#/components/schemas/io.k8s.B' }] }
  const schema = { type: 'object' as const, properties: { a: { type: 'string' as const }, b } }
  const described = describeSchema(schema, { '': 'A thing.', b: 'Its other thing.' })
  assert.equal(
    JSON.stringify(described),
    '{"description":"A thing.","type":"object","properties":{"a":{"type":"string"},' +
      '"b":{"description":"Its other thing.","allOf":[{"$ref":"#/components/schemas/io.k8s.B"}]}}}',
  )
})

test('comments of generated types are read as upstream wrote them', () => {
  const declaration = `import { IOther } from "./Other.js";
/**
 * A thing. Deprecated.
 * @deprecated
 */
export interface IThing {
    /**
     * Which way:
     *  - \`"up"\` is 'a\\*\\/b'.
     *
     * The rest.
     */
    "way"?: "up";
    "plain": {
        /**
         * Of something else.
         */
        "inner": string;
    };
    /**
     * Where.
     */
    "x-where": IOther;
}
`
  assert.deepEqual(readComments(declaration), {
    '': 'A thing. Deprecated.',
    way: `Which way:\n - \`"up"\` is 'a*/b'.\n\nThe rest.`,
    'x-where': 'Where.',
  })
})
