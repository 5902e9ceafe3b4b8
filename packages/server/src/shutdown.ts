// A planned stop, in the order that keeps clients from noticing (DESIGN §7):
//
//   balancers hear 404, HTTP/1.1 connections end with their next answer ─ delay ─→ no new connections; HTTP/2: GOAWAY and PING
//     ─→ watches end, paced, each after a bookmark ─→ requests in flight finish ─→ connections are closed
import type { Deadlines } from './filters/deadline.ts'
import type { Drain } from './filters/drain.ts'
import type { ServerState } from './health/health.ts'
import type { Transports } from './http/transports.ts'
import type { ServerLogger } from './server-options.ts'
import type { WatchService } from './watch/watch-service.ts'

export interface ShutdownParts {
  readonly state: ServerState
  readonly transports: Transports
  readonly watches: WatchService
  readonly drain: Drain
  readonly deadlines: Deadlines
  readonly shutdownDelayMs: number
  readonly logger: ServerLogger
}

/** Each watch gets its own moment within this, so that not all clients come back to the other replicas at once. */
const WATCH_SPREAD_MS = 3_000
/** Few watches need not wait that long. */
const WATCH_PACE_MS = 5
/** Requests end by their deadline anyhow; this is for one that the deadline could not end. */
const IN_FLIGHT_PATIENCE_MS = 62_000
const LOOK_AGAIN_MS = 20

export async function shutDown(parts: ShutdownParts): Promise<void> {
  const { state, transports, watches, drain, deadlines, logger } = parts
  state.draining = true
  logger.info({ delayMs: parts.shutdownDelayMs, watches: watches.size }, 'draining')
  transports.sendAway()
  await sleep(parts.shutdownDelayMs)

  transports.stopListening()
  await transports.drain()
  drain.begin()
  await watches.endAll(Math.min(WATCH_SPREAD_MS, watches.size * WATCH_PACE_MS))

  const patienceEnd = performance.now() + IN_FLIGHT_PATIENCE_MS
  while (deadlines.inFlight > 0 && performance.now() < patienceEnd) await sleep(LOOK_AGAIN_MS)
  await transports.flushed()
  deadlines.close()
  watches.close()
  await transports.close()
  logger.info({}, 'drained')
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
