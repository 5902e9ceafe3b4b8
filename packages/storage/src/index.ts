export * from './storage.ts'
export * from './cache/types.ts'
export { createSqliteStorage, type SqliteStorageOptions } from './sqlite/storage.ts'
