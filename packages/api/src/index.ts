export { ownableFields } from './ownable-fields.ts'
export * from './resource.ts'
export * from './table.ts'
export { type ServedResources, servedResources } from './served.ts'
export { RuntimeConfigError, parseRuntimeConfig } from './runtime-config.ts'
export * from './metadata/index.ts'
export * from './schema/index.ts'
export { bootstrapObjects } from './bootstrap.ts'
export { age } from './kinds/row.ts'
export { validateClusterIPs } from './kinds/core/service-addresses.ts'
export { aggregateResources } from './validation/pod-level-resources.ts'
export { type PodPart, podParts } from './kinds/core/pod-parts.ts'
export { validateNamespaceFinalize } from './kinds/core/namespace.ts'
export * from './discovery/index.ts'
export * from './openapi/index.ts'
export {
  type ProtobufKind,
  decodeProtobufObject,
  decodeStoredProtobuf,
  encodeProtobufItem,
  encodeProtobufObject,
  protobufKind,
  protobufListOpening,
} from './protobuf.ts'
export type { Container, Pod, PodSpec, PodTemplateSpec, Toleration } from './kinds/core/pod-types.ts'
