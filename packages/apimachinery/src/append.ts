// Adds one list to the end of another. A spread into push() passes each item as an argument, on the stack, which holds some
// 120,000 of them: a body of 3 MB can make more errors than that (test/tidy forbids the spread).
export function append<T>(to: T[], items: readonly T[]): void {
  for (const item of items) to.push(item)
}
