import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  DecodeError,
  type JsonValue,
  StatusError,
  decodeProtobufEnvelope,
  decodeProtobufMessage,
  encodeProtobufMessage,
  PROTOBUF_CLOSING,
  isJsonObject,
  protobufRawOpening,
} from '@keelson/apimachinery'
import { decodeProtobufObject, decodeStoredProtobuf, encodeProtobufObject, protobufKind } from './protobuf.ts'
import { builtinResources } from './table.ts'
import { GeneratedObjects } from './testing/generated-objects.ts'

interface Recorded {
  /** Base64 of what upstream's kube-apiserver 1.36 stored. */
  readonly value: string
  /** What it answered for that object, without resourceVersion and managedFields. */
  readonly object: { readonly kind: string; readonly metadata: { readonly name: string } }
}

const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('./testdata/protobuf.json', import.meta.url), 'utf8'),
)

test('values that upstream stored as protobuf are read as upstream reads them', () => {
  for (const { value, object } of recorded) {
    const decoded = decodeStoredProtobuf(Buffer.from(value, 'base64'))
    delete decoded.metadata.managedFields
    assert.deepEqual(JSON.parse(JSON.stringify(decoded)), object, `${object.kind} ${object.metadata.name}`)
  }
  assert.ok(new Set(recorded.map(({ object }) => object.kind)).size >= 50)
})

test('what was read is written as upstream wrote it, byte for byte', () => {
  for (const { value, object } of recorded) {
    const stored = decodeStoredProtobuf(Buffer.from(value, 'base64'))
    assert.equal(encodeProtobufObject(stored)?.toString('base64'), value, `${object.kind} ${object.metadata.name}`)
  }
})

test('fields that a newer server may have stored are passed over', () => {
  const unknown = Buffer.concat([text(1000, 'from the future'), Buffer.from([0xc8, 0x3e, 7]), text(1002, '')])
  for (const { value } of recorded) {
    const bytes = Buffer.from(value, 'base64')
    const { raw, ...kind } = decodeProtobufEnvelope(bytes)
    const newer = Buffer.concat([protobufRawOpening(kind, Buffer.concat([raw, unknown]), 0), PROTOBUF_CLOSING, unknown])
    assert.deepEqual(decodeStoredProtobuf(newer), decodeStoredProtobuf(bytes))
  }
})

test('every kind is written, and read as it was', () => {
  const objects = new GeneratedObjects()
  for (const { group, version, kind } of builtinResources()) {
    const message = protobufKind(group === '' ? version : `${group}/${version}`, kind)?.message
    assert.ok(message, `${group}/${version} ${kind} has no message`)
    fc.assert(
      fc.property(objects.of(message, 4), (object) => {
        const read = decodeProtobufMessage(encodeProtobufMessage(object, message), message, 'client')
        assert.deepEqual(withoutEmpties(read), withoutEmpties(object))
      }),
      { numRuns: 30 },
    )
  }
})

test('truncated and mangled input is a clear error, never a crash', () => {
  const samples = recorded.map(({ value }) => Buffer.from(value, 'base64'))
  fc.assert(
    fc.property(
      fc.nat(samples.length - 1),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      fc.nat(),
      (index, changes, cut) => {
        const bytes = Buffer.from(samples[index] ?? Buffer.alloc(0))
        for (const [at, value] of changes) bytes[4 + (at % (bytes.length - 4))] = value
        try {
          decodeStoredProtobuf(bytes.subarray(0, 4 + (cut % (bytes.length - 3))))
        } catch (error) {
          assert.ok(error instanceof DecodeError || error instanceof StatusError, String(error))
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('messages nested 10,000 deep are refused', () => {
  // JSONSchemaProps.not (28) in itself.
  let nested = Buffer.alloc(0)
  for (let depth = 0; depth < 10_000; depth++) nested = Buffer.concat([field(28, nested.length), nested])
  const validation = Buffer.concat([field(1, nested.length), nested])
  const version = Buffer.concat([field(4, validation.length), validation])
  const spec = Buffer.concat([field(7, version.length), version])
  const crd = Buffer.concat([field(2, spec.length), spec])
  const typeMeta = Buffer.concat([text(1, 'apiextensions.k8s.io/v1'), text(2, 'CustomResourceDefinition')])
  const bytes = Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta.length), typeMeta, field(2, crd.length), crd])
  assert.throws(() => decodeProtobufObject(decodeProtobufEnvelope(bytes)), new DecodeError('exceeded max depth'))
})

test('a stored value of a version that is not served has no empty fields either', () => {
  const metadata = text(1, 'x')
  const binding = Buffer.concat([field(1, metadata.length), metadata])
  const typeMeta = Buffer.concat([
    text(1, 'admissionregistration.k8s.io/v1beta1'),
    text(2, 'MutatingAdmissionPolicyBinding'),
  ])
  const stored = [Buffer.from('k8s\0'), field(1, typeMeta.length), typeMeta, field(2, binding.length), binding]
  assert.deepEqual(decodeStoredProtobuf(Buffer.concat(stored)).metadata, { name: 'x' })
})

test('a body of more items than any object has is refused, a stored value is not', () => {
  const items = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => Buffer.from([0x72, 0])))
  const withFinalizers = (count: number): Buffer => {
    const metadata = items(count)
    const raw = Buffer.concat([field(1, metadata.length), metadata])
    const typeMeta = Buffer.concat([text(1, 'v1'), text(2, 'ConfigMap')])
    return Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta.length), typeMeta, field(2, raw.length), raw])
  }
  const decode = (count: number): object => decodeProtobufObject(decodeProtobufEnvelope(withFinalizers(count)))
  decode(100_000)
  assert.throws(() => decode(100_001), new DecodeError('exceeded max items'))
  assert.equal(decodeStoredProtobuf(withFinalizers(100_001)).metadata.finalizers?.length, 100_001)
})

test('a length that lies about the rest is refused', () => {
  const bytes = Buffer.concat([Buffer.from('k8s\0'), field(2, 1_000_000), Buffer.from('x')])
  assert.throws(
    () => decodeProtobufObject(decodeProtobufEnvelope(bytes), { apiVersion: 'v1', kind: 'ConfigMap' }),
    new DecodeError('unexpected EOF'),
  )
})

/** The tag and length of a length-delimited field. */
function field(number: number, length: number): Buffer {
  return Buffer.from([...varint(number * 8 + 2), ...varint(length)])
}

const text = (number: number, value: string): Buffer => Buffer.concat([field(number, value.length), Buffer.from(value)])

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}

/** Absent, null, zero (of quantities too) and empty are one to fields that are written always; a pointer's own zero is checked by upstream's bytes. */
function withoutEmpties(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => withoutEmpties(item) ?? null)
  if (!isJsonObject(value))
    return value === 0 || value === '' || value === '0' || value === false ? undefined : (value ?? undefined)
  const members = Object.entries(value).flatMap(([name, member]): [string, JsonValue][] => {
    const left = withoutEmpties(member)
    return left === undefined ? [] : [[name, left]]
  })
  return members.length === 0 ? undefined : Object.fromEntries(members)
}
