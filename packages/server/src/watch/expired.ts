// The end of a watch whose next event is no longer in history.
import { expired, StatusError } from '@keelson/apimachinery'
import type { ResourceCache, Revision } from '@keelson/storage'

/** `asked` is named when it was the client who asked for a revision that is too old. */
export function historyExpired(cache: ResourceCache, asked?: Revision): StatusError {
  const oldest = cache.eventAt(cache.begin)?.revision ?? cache.revision
  return expired(
    asked === undefined ? `too old resource version: (${oldest})` : `too old resource version: ${asked} (${oldest})`,
  )
}
