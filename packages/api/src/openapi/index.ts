export { openApiDocument, openApiHashes } from './documents.ts'
