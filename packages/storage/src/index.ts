export * from './storage.ts'
export * from './cache/types.ts'
