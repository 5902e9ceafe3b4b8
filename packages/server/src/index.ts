export * from './context.ts'
export * from './registry/types.ts'
export * from './server-options.ts'
export { createApiServer } from './server.ts'
