export { openApiHandlers } from './handlers.ts'
