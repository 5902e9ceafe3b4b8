export { resolveDiscovery } from './handlers.ts'
