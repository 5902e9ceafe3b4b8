// Logs: one JSON object a line (pino), ISO times, the level as a word, one child logger a part of the process.
//
// Nothing secret is ever logged: callers log names, not bodies or headers; what slips through under a telling name is
// replaced all the same.
import { createRequire } from 'node:module'
import type { DestinationStream, Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

const SECRET_NAMES = [
  'authorization',
  'token',
  'password',
  'secret',
  'cookie',
  'privateKey',
  'clientKey',
  'bearerToken',
]

export interface LoggingOptions {
  /** What the process is: `apiserver`, `supervisor`. */
  readonly component: string
  readonly level?: LogLevel
  /** Where lines go; standard error by default, so that standard output stays what a command prints. */
  readonly destination?: DestinationStream
}

// Not imported: a process that logs nothing yet should start without it (pino takes some 20 ms to load).
let loaded: typeof import('pino') | undefined

export function createLogger({ component, level = 'info', destination }: LoggingOptions): Logger {
  loaded ??= createRequire(import.meta.url)('pino') as typeof import('pino') // require() is untyped.
  const pino = loaded.pino
  return pino(
    {
      level,
      base: { component, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    },
    destination ?? pino.destination({ fd: 2, sync: false, minLength: 0 }),
  )
}

/** Says nothing: for tests and for libraries used without a process around them. */
export const silentLogger = (): Logger => createLogger({ component: 'silent', level: 'silent' })
