// Makes a JSON document small by saying repeated parts once: every object that occurs twice or more and is longer than a
// reference becomes an entry of `parts`, and `{"$part": n}` stands for it. src/openapi/documents.ts puts them back.

export interface InternedDocument {
  /** Later parts may refer to earlier ones. */
  readonly parts: readonly unknown[]
  readonly document: unknown
}

const SHORTEST_PART = 24

export function internDocument(document: unknown): InternedDocument {
  const uses = new Map<string, number>()
  countObjects(document, uses)
  const parts: unknown[] = []
  const indexes = new Map<string, number>()

  const replace = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    const text = JSON.stringify(value)
    const known = indexes.get(text)
    if (known !== undefined) return { $part: known }
    const copy = Array.isArray(value)
      ? value.map(replace)
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item)]))
    if (text.length < SHORTEST_PART || (uses.get(text) ?? 0) < 2) return copy
    indexes.set(text, parts.length)
    parts.push(copy)
    return { $part: parts.length - 1 }
  }
  const replaced = replace(document)
  return { parts, document: replaced }
}

function countObjects(value: unknown, uses: Map<string, number>): void {
  if (typeof value !== 'object' || value === null) return
  const text = JSON.stringify(value)
  uses.set(text, (uses.get(text) ?? 0) + 1)
  // The insides of a part that was seen before are counted once: they will be inside that part.
  if (uses.get(text) === 1) for (const item of Object.values(value)) countObjects(item, uses)
}
