export * from './context.ts'
export * from './registry/types.ts'
