// DELETE of a collection: every object that a LIST with the same query would give. Answers that list.
import { StatusError } from '@keelson/apimachinery'
import type { CacheEntry } from '@keelson/storage'
import type { Handler } from '../context.ts'
import type { DeleteOptions, Registries, ResourceRegistry, WriteContext } from '../registry/types.ts'
import { respondListing } from '../representation/respond-list.ts'
import { representationOf } from '../representation/representation.ts'
import { readDeleteOptions } from './delete-options.ts'
import { readListing } from './list.ts'
import { registryOf } from './registry-of.ts'
import { untrackedContext } from './write-options.ts'

/** Deletions in flight at a time: enough to fill the store's batches, few enough that other writes get their turn. */
const CONCURRENCY = 16

export function deleteCollectionHandler(registries: Registries): Handler {
  return async (context) => {
    const registry = registryOf(registries, context)
    const representation = representationOf(context, registry.definition, 'list')
    const options = await readDeleteOptions(context)
    const { entries, metadata } = await readListing(context, registry)
    const write = untrackedContext(context, options.dryRun)
    await deleteAll(registry, entries, options, write)
    await respondListing(context, registry, representation, entries, metadata)
  }
}

/** The first failure ends it; what is deleted by then stays deleted, as upstream has it. */
async function deleteAll(
  registry: ResourceRegistry,
  entries: readonly CacheEntry[],
  options: DeleteOptions,
  write: WriteContext,
): Promise<void> {
  let next = 0
  let failed = false
  const worker = async (): Promise<void> => {
    for (let entry = entries[next++]; entry !== undefined && !failed; entry = entries[next++]) {
      try {
        await registry.delete(entry.namespace, entry.name, options, write)
      } catch (error) {
        if (error instanceof StatusError && error.code === 404) continue
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, entries.length) }, worker))
}
