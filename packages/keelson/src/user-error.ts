// Errors whose message is a sentence for the user: they are printed without a stack.

export class UserError extends Error {
  override readonly name = 'UserError'
}

/** By name, so that no package has to be loaded to compare classes: each of these promises such a message. */
const NAMES = new Set(['UserError', 'FlagError', 'ClusterError', 'PortError', 'MissingBinaries', 'RangeError'])

export function isForUser(error: unknown): error is Error {
  return error instanceof Error && (NAMES.has(error.name) || isOfTheSystem(error))
}

/** A file that may not be used, or an address that is taken: the system's own sentence says which and why. */
function isOfTheSystem(error: Error): boolean {
  return 'syscall' in error && ('path' in error || 'port' in error)
}
