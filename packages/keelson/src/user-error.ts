// Errors whose message is a sentence for the user: they are printed without a stack.

export class UserError extends Error {
  override readonly name = 'UserError'
}

/** By name, so that no package has to be loaded to compare classes: each of these promises such a message. */
const NAMES = new Set(['UserError', 'FlagError', 'ClusterError', 'PortError', 'MissingBinaries', 'RangeError'])

export function isForUser(error: unknown): error is Error {
  return error instanceof Error && (NAMES.has(error.name) || isAboutFile(error))
}

/** A file that is missing or may not be used: the system's own sentence says which and why. */
function isAboutFile(error: Error): boolean {
  return 'syscall' in error && 'path' in error
}
