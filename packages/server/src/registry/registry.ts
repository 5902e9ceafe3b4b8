// The registries of all stored resources.
import { type ResourceDefinition, builtinResources, strategyOf } from '@keelson/api'
import { type FieldManagement, type KubeObject, groupResourceName, notFound } from '@keelson/apimachinery'
import { Admission } from './admission.ts'
import { storageLocation } from './cached-resource.ts'
import { createObject } from './create.ts'
import { type DeleteResult, deleteObject } from './delete.ts'
import { fieldManagementOf } from './field-management.ts'
import { type RegistryParts, groupResourceOf, storageKeyOf, storedCurrent, unstoredResult } from './parts.ts'
import { CacheReader } from './reader.ts'
import { storedPrefix } from './stored-json.ts'
import type {
  DeleteOptions,
  Registries,
  RegistryDependencies,
  RegistryHooks,
  ResourceRegistry,
  StoredResult,
  UpdatePart,
  UpdateTransform,
  WriteContext,
} from './types.ts'
import { type UpdateResult, updateObject } from './update.ts'
import { viewOf } from './views/version-view.ts'

/** Resources whose cache does not exist are left out: the cache is made from cachedResources() of the same prefix. */
export function createRegistries(dependencies: RegistryDependencies): Registries {
  return new RegistryTable(dependencies)
}

class RegistryTable implements Registries {
  readonly reader: CacheReader
  readonly #byVersion = new Map<string, StoredResourceRegistry>()
  readonly #preferred = new Map<string, StoredResourceRegistry>()

  constructor(dependencies: RegistryDependencies) {
    this.reader = new CacheReader(this)
    const admission = new Admission(dependencies.plugins, this.reader)
    for (const definition of builtinResources()) {
      const registry = makeRegistry(definition, admission, dependencies)
      if (registry === undefined) continue
      const { group, version, resource } = definition
      this.#byVersion.set(`${group}/${version}/${resource}`, registry)
      const name = groupResourceName(definition)
      if (!this.#preferred.has(name)) this.#preferred.set(name, registry)
    }
  }

  get(group: string, version: string, resource: string): ResourceRegistry | undefined {
    return this.#byVersion.get(`${group}/${version}/${resource}`)
  }

  find(group: string, resource: string): ResourceRegistry | undefined {
    return this.#preferred.get(groupResourceName({ group, resource }))
  }

  all(): readonly ResourceRegistry[] {
    return [...this.#byVersion.values()]
  }

  setHooks(group: string, resource: string, hooks: RegistryHooks): void {
    for (const registry of this.#byVersion.values()) {
      const { definition } = registry
      if (definition.group === group && definition.resource === resource) registry.parts.hooks = hooks
    }
  }
}

function makeRegistry(
  definition: ResourceDefinition,
  admission: Admission,
  { storage, cache, storagePrefix, now = () => new Date() }: RegistryDependencies,
): StoredResourceRegistry | undefined {
  const location = storageLocation(definition, storagePrefix)
  if (location === undefined) return undefined
  const view = viewOf(definition, location)
  const cached = cache.get(view === undefined ? groupResourceName(definition) : view.cacheName)
  if (cached === undefined) return undefined
  return new StoredResourceRegistry({
    definition,
    strategy: view?.strategy ?? strategyOf(definition),
    storage,
    cache: view === undefined ? cached : view.cacheOf(cached),
    admission,
    keyPrefix: location.prefix,
    prefix: storedPrefix(definition, location.apiVersion),
    view,
    now,
    hooks: undefined,
  })
}

class StoredResourceRegistry implements ResourceRegistry {
  readonly parts: RegistryParts

  constructor(parts: RegistryParts) {
    this.parts = parts
  }

  get definition(): RegistryParts['definition'] {
    return this.parts.definition
  }

  get strategy(): RegistryParts['strategy'] {
    return this.parts.strategy
  }

  get cache(): RegistryParts['cache'] {
    return this.parts.cache
  }

  create(namespace: string, object: KubeObject, context: WriteContext): Promise<StoredResult> {
    return createObject(this.parts, namespace, object, context)
  }

  update(
    namespace: string,
    name: string,
    transform: UpdateTransform,
    part: UpdatePart,
    context: WriteContext,
    uid?: string,
  ): Promise<UpdateResult> {
    return updateObject(this.parts, { namespace, name, transform, part, context, uid, createsMissing: false })
  }

  apply(
    namespace: string,
    name: string,
    transform: UpdateTransform,
    part: UpdatePart,
    context: WriteContext,
  ): Promise<UpdateResult> {
    const untracked = { ...context, fieldManager: undefined }
    const request = { namespace, name, transform, part, context: untracked, uid: undefined, createsMissing: true }
    return updateObject(this.parts, request)
  }

  fieldManagement(subresource: string): FieldManagement {
    return fieldManagementOf(this.parts, subresource)
  }

  delete(namespace: string, name: string, options: DeleteOptions, context: WriteContext): Promise<DeleteResult> {
    return deleteObject(this.parts, { namespace, name, options, context })
  }

  async get(namespace: string, name: string): Promise<StoredResult> {
    const current = await storedCurrent(this.parts, storageKeyOf(this.parts, namespace, name))
    if (current === undefined) throw notFound(groupResourceOf(this.parts), name)
    return unstoredResult(this.parts, current.object, current.revision)
  }
}
