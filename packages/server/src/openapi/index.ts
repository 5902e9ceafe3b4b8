export { resolveOpenApi } from './handlers.ts'
