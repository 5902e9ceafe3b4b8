// The queue between what a controller watches and its workers, with upstream's limits of retries.
import { TokenBucket, WorkQueue, exponentialPerItem, withOverallLimit } from '@keelson/client'
import type { ControllerContext } from './controller.ts'

const FIRST_RETRY_MS = 5
/** client-go's default: 16 minutes. */
const LONGEST_RETRY_MS = 1_000_000

/** `name` is that of its metrics. All items together are tried again 10 times a second, after a burst of 100. */
export function controllerQueue<Item>(
  name: string,
  { observeQueue }: Pick<ControllerContext, 'observeQueue'>,
  longestRetryMs = LONGEST_RETRY_MS,
): WorkQueue<Item> {
  const observer = observeQueue?.(name)
  return new WorkQueue<Item>({
    limiter: withOverallLimit(exponentialPerItem(FIRST_RETRY_MS, longestRetryMs), new TokenBucket(10, 100)),
    ...(observer !== undefined && { observer }),
  })
}
