// Puts an API server together: storage → cache → registries → handlers → chain → transports.
import type { ApiServer, ApiServerOptions } from './server-options.ts'

export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  throw new Error(`not wired yet: ${options.bindAddress}`)
}
