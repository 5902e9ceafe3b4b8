// Lists and maps that may have so many items. One that has more is told that, and nothing about its items.
import { type FieldError, type FieldPath, fieldDuplicate, fieldTooMany } from '@keelson/apimachinery'

type ItemRule<Item> = (errors: FieldError[], item: Item, path: FieldPath) => void

export function checkBoundedList<Item>(
  errors: FieldError[],
  items: readonly Item[],
  most: number,
  path: FieldPath,
  rule: ItemRule<Item>,
): boolean {
  if (items.length > most) return errors.push(fieldTooMany(path, items.length, most)) < 0
  for (const [index, item] of items.entries()) rule(errors, item, path.index(index))
  return true
}

/** The same, and no two items with one key. What is shown of a duplicate is its key, or what `shown` makes of it. */
export function checkBoundedSet<Item>(
  errors: FieldError[],
  items: readonly Item[],
  most: number,
  path: FieldPath,
  rule: ItemRule<Item>,
  keyOf: (item: Item) => string,
  shown: (item: Item) => unknown = keyOf,
): void {
  if (!checkBoundedList(errors, items, most, path, rule)) return
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const key = keyOf(item)
    if (seen.has(key)) errors.push(fieldDuplicate(path.index(index), shown(item)))
    seen.add(key)
  }
}

/** Keys are checked at the path of the map; in the paths of values long keys are shortened. */
export function checkBoundedMap<Item>(
  errors: FieldError[],
  items: Readonly<Record<string, Item>>,
  limits: { readonly most: number; readonly keyLength: number },
  path: FieldPath,
  keyRule: (errors: FieldError[], key: string, path: FieldPath) => void,
  rule: ItemRule<Item>,
): void {
  const entries = Object.entries(items)
  if (entries.length > limits.most) return void errors.push(fieldTooMany(path, entries.length, limits.most))
  for (const [key, item] of entries) {
    keyRule(errors, key, path)
    rule(errors, item, path.key(shortened(key, limits.keyLength)))
  }
}

function shortened(key: string, most: number): string {
  if (key.length <= most) return key
  const rest = most - 3
  return `${key.slice(0, Math.floor((rest + 1) / 2))}...${key.slice(key.length - Math.floor(rest / 2))}`
}
