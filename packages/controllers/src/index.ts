export type { ControllerLogger } from './controller.ts'
export { controllerMetrics, type ControllerMetrics } from './metrics.ts'
export { controllerNames, type ControllersContext, runControllers, selectControllers } from './registry.ts'
