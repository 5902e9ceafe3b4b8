// Resources that are answered and never stored, by `group/resource` and verb.
import type { Verb } from '@keelson/api'
import type { WatchCache } from '@keelson/storage'
import type { Handler } from '../context.ts'
import type { Registries } from '../registry/types.ts'
import { bindHandler } from '../subresources/binding.ts'
import { getComponentStatusHandler, listComponentStatusesHandler } from './component-statuses.ts'
import { selfSubjectReview } from './self-subject-review.ts'

export type UnstoredHandlers = Readonly<Record<string, Partial<Record<Verb, Handler>>>>

export function unstoredHandlers(registries: Registries, cache: WatchCache): UnstoredHandlers {
  return {
    '/bindings': { create: bindHandler(registries) },
    '/componentstatuses': { get: getComponentStatusHandler(cache), list: listComponentStatusesHandler(cache) },
    'authentication.k8s.io/selfsubjectreviews': { create: selfSubjectReview },
  }
}
