export type { ControllerLogger } from './controller.ts'
export { controllerNames, type ControllersContext, runControllers, selectControllers } from './registry.ts'
