// Comparison of plain JSON trees: what makes an update a change.

/** Deep equality of JSON trees; the order of keys does not matter, and a key whose value is undefined is not there. */
export function equalTrees(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left)) return Array.isArray(right) && equalArrays(left, right)
  if (Array.isArray(right)) return false
  // Both are plain objects now.
  return equalObjects(left as Record<string, unknown>, right as Record<string, unknown>)
}

function equalArrays(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index++) if (!equalTrees(left[index], right[index])) return false
  return true
}

function equalObjects(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  for (const key in left) if (!equalTrees(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}
