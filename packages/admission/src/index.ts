export * from './types.ts'
export { forbid } from './forbid.ts'
export { builtinPlugins } from './plugins/index.ts'
