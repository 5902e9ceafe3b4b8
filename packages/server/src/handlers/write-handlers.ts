// The handlers of everything that changes objects, for the router: by verb, and by subresource and verb.
import type { ResourceDefinition, Verb } from '@keelson/api'
import type { Handler } from '../context.ts'
import type { Registries } from '../registry/types.ts'

export interface WriteHandlerDependencies {
  readonly registries: Registries
}

export interface WriteHandlers {
  readonly create: Handler
  readonly update: Handler
  readonly patch: Handler
  readonly delete: Handler
  readonly deletecollection: Handler
  /** Undefined: discovery names the subresource and verb, and this server does not have it (the router answers 404 or 405). */
  subresource(definition: ResourceDefinition, subresource: string, verb: Verb): Handler | undefined
}

export function writeHandlers(_dependencies: WriteHandlerDependencies): WriteHandlers {
  throw new Error('not there yet')
}
