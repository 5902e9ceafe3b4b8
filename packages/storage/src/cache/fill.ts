// Reads one resource whole, at one revision, into a new state.
import type { Compacted, Revision, Storage, StorageKey } from '../storage.ts'
import { PAGE_SIZE, reasonOf } from './direct.ts'
import { ResourceState } from './state.ts'
import { TimeSlice } from './time-slice.ts'
import type { CachedResource } from './types.ts'

export interface Filled {
  readonly outcome: 'filled'
  readonly state: ResourceState
  readonly revision: Revision
  /** Why, by key. */
  readonly undecodable: Map<string, string>
}

/** Which revision to read: exactly `at`, or the store's latest, which must not be older than `atLeast`. */
export type FillRevision = { readonly at: Revision } | { readonly atLeast: Revision }

export async function readAll(
  storage: Storage,
  resource: CachedResource,
  owns: (key: string) => boolean,
  from: FillRevision,
  signal: AbortSignal,
): Promise<Filled | Compacted> {
  const state = new ResourceState(resource)
  const undecodable = new Map<string, string>()
  const slice = new TimeSlice()
  let asked: FillRevision = from
  let after: StorageKey | undefined
  for (;;) {
    const page = await storage.list(resource.prefix, {
      ...asked,
      limit: PAGE_SIZE,
      ...(after !== undefined && { after }),
    })
    signal.throwIfAborted()
    if (page.outcome === 'compacted') return page
    if ('atLeast' in asked && page.revision < asked.atLeast) {
      throw new Error(`the store answered at revision ${page.revision}, which is older than ${asked.atLeast}`)
    }
    asked = { at: page.revision }
    slice.restart()
    for (const stored of page.items) {
      if (!owns(stored.key)) continue
      if (slice.used) await slice.next()
      try {
        state.append(resource.decode(stored.key, stored.value, stored.modRevision))
      } catch (error) {
        undecodable.set(stored.key, reasonOf(error))
      }
    }
    after = page.items.at(-1)?.key
    if (!page.more || after === undefined) return { outcome: 'filled', state, revision: page.revision, undecodable }
  }
}
