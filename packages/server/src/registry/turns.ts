// The steps of a large write (decode, default, track fields, validate, encode) take several milliseconds each: between them
// everybody else gets a turn of the loop. Those of a small write are made in one: a turn costs more than they do.
import { yieldToLoop } from '@keelson/component'

/** From here on an object's way to the store takes more than the 5 ms that one turn of the loop may take. */
const LARGE_BYTES = 64 * 1024

export type YieldTurn = () => Promise<void>

/** Undefined: not between the steps of a write of so many bytes. */
export const yieldsFor = (bytes: number): YieldTurn | undefined => (bytes > LARGE_BYTES ? yieldToLoop : undefined)
