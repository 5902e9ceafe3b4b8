export * from './types.ts'
export * from './field-error.ts'
export * from './status.ts'
export * from './selector.ts'
