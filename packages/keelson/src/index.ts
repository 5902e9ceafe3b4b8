export type { TestServer, TestServerOptions } from './test-server.ts'
export { startTestServer } from './test-server.ts'
