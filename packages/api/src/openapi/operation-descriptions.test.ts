import assert from 'node:assert/strict'
import { test } from 'node:test'
import { servedResources } from '../served.ts'
import { openApiHashes } from './documents.ts'
import { METHODS, readDocumentParts } from './document-parts.ts'
import { describePathItem } from './operation-descriptions.ts'

const descriptionOf = (document: string, path: string, method: (typeof METHODS)[number]): string | undefined => {
  const item = readDocumentParts(document).paths[path]
  return item && describePathItem(path, item)[method]?.description
}

test('operations are described as upstream describes them', () => {
  const apps = '/apis/apps/v1/namespaces/{namespace}/deployments'
  const pods = '/api/v1/namespaces/{namespace}/pods'
  assert.equal(descriptionOf('apis/apps/v1', apps, 'get'), 'list or watch objects of kind Deployment')
  assert.equal(descriptionOf('apis/apps/v1', apps, 'post'), 'create a Deployment')
  assert.equal(
    descriptionOf('apis/apps/v1', `${apps}/{name}/scale`, 'patch'),
    'partially update scale of the specified Deployment',
  )
  assert.equal(descriptionOf('api/v1', '/api/v1/namespaces/{namespace}/events/{name}', 'delete'), 'delete an Event')
  assert.equal(descriptionOf('api/v1', '/api/v1/namespaces/{namespace}/endpoints', 'post'), 'create Endpoints')
  assert.equal(descriptionOf('api/v1', `${pods}/{name}/eviction`, 'post'), 'create eviction of a Pod')
  assert.equal(
    descriptionOf('api/v1', `${pods}/{name}/proxy/{path}`, 'options'),
    'connect OPTIONS requests to proxy of Pod',
  )
  assert.equal(descriptionOf('apis/apps', '/apis/apps/', 'get'), 'get information of a group')
})

test('every operation, parameter and answer is described: generators of clients need it', () => {
  for (const document of openApiHashes(servedResources()).keys()) {
    for (const [path, recorded] of Object.entries(readDocumentParts(document).paths)) {
      const item = describePathItem(path, recorded)
      for (const parameter of item.parameters ?? []) assert.ok(parameter.description, `${path} ${parameter.name}`)
      for (const method of METHODS) {
        const operation = item[method]
        if (operation === undefined) continue
        assert.ok(operation.description, `${method} ${path}`)
        for (const parameter of operation.parameters ?? [])
          assert.ok(parameter.description, `${method} ${path} ${parameter.name}`)
        for (const [code, { description }] of Object.entries(operation.responses))
          assert.ok(description, `${method} ${path} ${code}`)
      }
    }
  }
})
