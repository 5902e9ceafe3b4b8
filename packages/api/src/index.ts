export * from './resource.ts'
export * from './table.ts'
export * from './metadata/index.ts'
export { DecodeError, type Decoded, type DecodeOptions, type KindSchema } from './schema/types.ts'
