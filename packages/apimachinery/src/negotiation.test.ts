import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  OBJECT_TRANSFORMS,
  PROTOBUF,
  bodyMediaType,
  negotiate,
  patchMediaType,
  refuseListMismatch,
  requireJson,
} from './negotiation.ts'
import { StatusError } from './status.ts'

const all = { transforms: OBJECT_TRANSFORMS }
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

describe('negotiation', () => {
  it('gives JSON to whoever takes anything', () => {
    for (const accept of [undefined, '', '*/*', 'application/json'])
      assert.equal(negotiate(accept, all).mediaType, 'application/json', String(accept))
    assert.equal(negotiate('application/json;stream=watch', { watch: true }).stream, true)
  })

  it('gives YAML to who asks for it, by quality', () => {
    assert.equal(negotiate('application/yaml').mediaType, 'application/yaml')
    assert.equal(negotiate('application/json;q=0.5, application/yaml').mediaType, 'application/yaml')
    assert.equal(negotiate('application/*;q=0.9, application/yaml;q=0.1').mediaType, 'application/json')
  })

  it('gives protobuf to who asks for it first, as client-go does, but no tables in it', () => {
    assert.equal(negotiate(`${PROTOBUF},application/json`).mediaType, PROTOBUF)
    assert.equal(negotiate(`application/json,${PROTOBUF}`).mediaType, 'application/json')
    assert.equal(negotiate(`${PROTOBUF};stream=watch`, { watch: true }).mediaType, PROTOBUF)
    assert.equal(negotiate(`${PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`, all).as, 'PartialObjectMetadata')
    const inProtobuf = `${PROTOBUF};as=Table;v=v1;g=meta.k8s.io`
    assert.throws(() => negotiate(inProtobuf, all), { code: 406 })
    assert.equal(negotiate(`${inProtobuf},${table}`, all).mediaType, 'application/json')
  })

  it('makes tables where they are offered, and what comes next in the header where not', () => {
    assert.deepEqual(negotiate(table, all), {
      mediaType: 'application/json',
      as: 'Table',
      version: 'v1',
      stream: false,
      pretty: false,
    })
    assert.equal(negotiate(`${table},application/json`).as, undefined)
    assert.equal(negotiate('application/json;as=Table;v=v1beta1;g=meta.k8s.io', all).version, 'v1beta1')
    // What kubectl get sends.
    const kubectl = `${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`
    assert.equal(negotiate(kubectl, all).as, 'Table')
  })

  it('answers 406 in upstream’s words', () => {
    const known = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
    assert.throws(() => negotiate('application/json;as=Table;v=v9;g=meta.k8s.io', all), {
      code: 406,
      message: `only the following media types are accepted: ${known}`,
    })
    for (const accept of ['application/xml', 'text/html', 'nonsense']) {
      assert.throws(() => negotiate(accept, all), {
        code: 406,
        message: `406: Not Acceptable\n\nAvailable representations: ${known}`,
      })
    }
    const streaming = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'
    for (const accept of ['application/yaml', 'application/yaml,application/json']) {
      assert.throws(() => negotiate(accept, { watch: true }), {
        code: 406,
        message: `only the following media types are accepted: ${streaming}`,
      })
    }
    assert.throws(() => negotiate('application/yaml;stream=watch', { watch: true }), {
      code: 406,
      message: `only the following media types are accepted: ${known}`,
    })
  })

  it('asks nobody to take JSON who has no place for it', () => {
    for (const accept of [undefined, '*/*', 'text/html, application/json;q=0.1']) requireJson(accept)
    for (const accept of [PROTOBUF, 'application/*']) {
      assert.throws(() => requireJson(accept), {
        code: 406,
        message: '406: Not Acceptable\n\nAvailable representations: application/json',
      })
    }
  })

  it('refuses the metadata of a list, and a list of one object', () => {
    const one = negotiate('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', all)
    assert.throws(() => refuseListMismatch(one, true, '*core.ConfigMapList'), {
      message: 'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    })
    refuseListMismatch(one, false, '*core.ConfigMap')
  })

  it('throws statuses only', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('application', '/', 'json', '*', ';', ',', '=', 'q', 'as', 'Table', ' ', '0.5'),
        }),
        (accept) => {
          try {
            negotiate(accept, all)
          } catch (error) {
            assert.ok(error instanceof StatusError)
          }
        },
      ),
    )
  })
})

describe('the media type of a body', () => {
  it('is JSON unless it says YAML', () => {
    assert.equal(bodyMediaType(undefined), 'application/json')
    assert.equal(bodyMediaType('application/json; charset=utf-8'), 'application/json')
    assert.equal(bodyMediaType('application/yaml'), 'application/yaml')
    assert.throws(() => bodyMediaType('text/plain'), { code: 415 })
  })

  it('of a patch is one of four', () => {
    assert.equal(patchMediaType('application/merge-patch+json; charset=utf-8'), 'application/merge-patch+json')
    assert.throws(() => patchMediaType('application/json'), { code: 415, message: '415: Unsupported Media Type' })
  })
})
