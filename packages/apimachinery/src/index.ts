export * from './types.ts'
export * from './field-error.ts'
export * from './status.ts'
export * from './selector.ts'
export { compareBytes, goJson, goQuote, goValue } from './go-text.ts'
export * from './codec/decoded.ts'
export { decodeJson, encodeJson } from './codec/json.ts'
export * from './codec/messages.ts'
export {
  PROTOBUF_CLOSING,
  PROTOBUF_ITEM,
  type ProtobufEnvelope,
  decodeProtobufEnvelope,
  isProtobuf,
  protobufEventOpening,
  protobufOpening,
  protobufRawOpening,
} from './codec/protobuf/envelope.ts'
export { decodeProtobufMessage } from './codec/protobuf/decode.ts'
export { encodeProtobufField, encodeProtobufMessage } from './codec/protobuf/encode.ts'
export { type Message as ProtobufMessage, ProtobufMessages } from './codec/protobuf/message.ts'
export { decodeYaml } from './codec/yaml.ts'
export { encodeYaml } from './codec/yaml-encode.ts'
export * from './duration.ts'
export * from './generate-name.ts'
export * from './json-tree.ts'
export * from './negotiation.ts'
export * from './quantity.ts'
export * from './selector/field.ts'
export * from './selector/label.ts'
export * from './time.ts'
export * from './validation/dns.ts'
export * from './validation/message.ts'
export * from './validation/names.ts'
export * from './patch/decode.ts'
export { MAX_OPERATIONS, applyJsonPatch, patchDoesNotApply } from './patch/json-patch.ts'
export { applyMergePatch } from './patch/merge-patch.ts'
export * from './patch/schema.ts'
export { applyStrategicMergePatch } from './patch/strategic-merge.ts'
export * from './structured-merge/field-type.ts'
export { type Comparison, compareObjects } from './structured-merge/compare.ts'
export { StructuredMergeError } from './structured-merge/errors.ts'
export { type FieldSet } from './structured-merge/field-set.ts'
export type { FieldFilter, PathPattern } from './structured-merge/filter.ts'
export { type ApplyRequest, applyObject } from './managed-fields/apply.ts'
export { ManagedFieldsError, readManagers } from './managed-fields/entries.ts'
export { trackUpdate } from './managed-fields/update.ts'
export type { FieldManagement } from './managed-fields/versions.ts'
export { managedFieldsFromScale, scaleManagedFields } from './managed-fields/scale.ts'
