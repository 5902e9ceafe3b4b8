// The handlers of everything that changes objects, for the router: by verb, and by subresource and verb.
import type { ResourceDefinition, Verb } from '@keelson/api'
import type { Handler } from '../context.ts'
import type { Registries } from '../registry/types.ts'
import { subresourceHandlers } from '../subresources/subresources.ts'
import { createHandler } from './create.ts'
import { deleteHandler } from './delete.ts'
import { deleteCollectionHandler } from './deletecollection.ts'
import { patchHandler } from './patch.ts'
import { updateHandler } from './update.ts'

export interface WriteHandlerDependencies {
  readonly registries: Registries
}

export interface WriteHandlers {
  readonly create: Handler
  readonly update: Handler
  readonly patch: Handler
  readonly delete: Handler
  readonly deletecollection: Handler
  /** Undefined: this server does not have the verb there, or not the subresource (the router answers 404 or 405). */
  subresource(definition: ResourceDefinition, subresource: string, verb: Verb): Handler | undefined
}

export function writeHandlers({ registries }: WriteHandlerDependencies): WriteHandlers {
  return {
    create: createHandler(registries),
    update: updateHandler(registries, 'main'),
    patch: patchHandler(registries, 'main'),
    delete: deleteHandler(registries),
    deletecollection: deleteCollectionHandler(registries),
    subresource: subresourceHandlers(registries),
  }
}
