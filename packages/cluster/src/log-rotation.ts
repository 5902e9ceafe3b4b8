// Bounds the logs of a cluster: a file over the limit is copied to `.1` and emptied. Writers append, so they go on at the
// new end; the few lines written between the copy and the truncation are lost.
import { copyFileSync, statSync, truncateSync } from 'node:fs'

export const MAX_LOG_BYTES = 32 * 1024 * 1024
const CHECK_EVERY_MS = 5_000

export function rotateLogs(files: readonly string[], signal: AbortSignal, maxBytes = MAX_LOG_BYTES): void {
  const timer = setInterval(() => files.forEach((file) => rotate(file, maxBytes)), CHECK_EVERY_MS)
  timer.unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}

export function rotate(file: string, maxBytes: number): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size <= maxBytes) return
  copyFileSync(file, `${file}.1`)
  truncateSync(file)
}
