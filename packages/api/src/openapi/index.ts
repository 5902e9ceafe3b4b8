export { type DocumentFormat, openApiDocument, openApiHashes } from './documents.ts'
export { openApiVersion2 } from './version2.ts'
