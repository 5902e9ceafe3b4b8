// Which handler serves which subresource and verb. What discovery names and this table has not is answered 501.
import type { ResourceDefinition, Verb } from '@keelson/api'
import { StatusError } from '@keelson/apimachinery'
import type { Handler } from '../context.ts'
import { patchHandler } from '../handlers/patch.ts'
import { updateHandler } from '../handlers/update.ts'
import type { Registries } from '../registry/types.ts'
import { bindHandler } from './binding.ts'
import { evictHandler } from './eviction.ts'
import { finalizeHandler } from './finalize.ts'
import { getObjectHandler } from './get-object.ts'
import { logHandler } from './log.ts'
import { patchPodPartHandler, updatePodPartHandler } from './pod-part.ts'
import { getScaleHandler, patchScaleHandler, updateScaleHandler } from './scale.ts'

type ByVerb = Partial<Record<Verb, Handler>>

export function subresourceHandlers(
  registries: Registries,
): (definition: ResourceDefinition, subresource: string, verb: Verb) => Handler | undefined {
  const get = getObjectHandler(registries)
  /** Of every resource that has them. */
  const general: Record<string, ByVerb> = {
    status: { get, update: updateHandler(registries, 'status'), patch: patchHandler(registries, 'status') },
    scale: {
      get: getScaleHandler(registries),
      update: updateScaleHandler(registries),
      patch: patchScaleHandler(registries),
    },
  }
  const ofResource: Record<string, ByVerb> = {
    'pods/binding': { create: bindHandler(registries) },
    'pods/log': { get: logHandler(registries, notServed) },
    'pods/eviction': { create: evictHandler(registries) },
    'pods/ephemeralcontainers': {
      get,
      update: updatePodPartHandler(registries, 'ephemeralcontainers'),
      patch: patchPodPartHandler(registries, 'ephemeralcontainers'),
    },
    'pods/resize': {
      get,
      update: updatePodPartHandler(registries, 'resize'),
      patch: patchPodPartHandler(registries, 'resize'),
    },
    'certificatesigningrequests/approval': {
      get,
      update: updateHandler(registries, 'approval'),
      patch: patchHandler(registries, 'approval'),
    },
    'namespaces/finalize': { update: finalizeHandler(registries) },
  }
  return (definition, subresource, verb) => {
    const served = definition.subresources.find(({ name }) => name === subresource)
    if (served === undefined || !served.verbs.includes(verb)) return undefined
    const handlers = ofResource[`${definition.resource}/${subresource}`] ?? general[subresource]
    return handlers?.[verb] ?? notServed
  }
}

const notServed: Handler = async ({ info }) => {
  const what = `${info.resource}/${info.subresource}`
  throw new StatusError(501, 'NotImplemented', `the server does not implement ${what}`, {
    name: info.name,
    ...(info.group !== '' && { group: info.group }),
    kind: what,
  })
}
