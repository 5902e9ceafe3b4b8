// Sets that many objects have alike (those of all Pods of a template) are one set in memory, with its JSON beside it: it is
// not parsed, compared or encoded again. They are frozen, so copies of an object may share them (see cloneJson).
import type { FieldSet } from './field-set.ts'

const texts = new WeakMap<FieldSet, Buffer>()
const sets = new WeakMap<Buffer, FieldSet>()

/** The set itself, frozen, and known by its text from now on. */
export function shareSet(set: FieldSet): FieldSet {
  const text = Buffer.from(JSON.stringify(set))
  remember(freeze(set), text)
  return set
}

/** The JSON of a shared set. Undefined: it is not shared. Never changed. */
export const sharedText = (set: object): Buffer | undefined => texts.get(set as FieldSet) // Others are not found.

/** The set of a text that is kept as one buffer for many objects: parsed at the first call. `text` was written by us. */
export function setOfSharedText(text: Buffer): FieldSet {
  let set = sets.get(text)
  if (set === undefined) {
    set = freeze(JSON.parse(text.toString()) as FieldSet) // A stored set was checked when it was written.
    remember(set, text)
  }
  return set
}

function remember(set: FieldSet, text: Buffer): void {
  texts.set(set, text)
  sets.set(text, set)
}

function freeze(set: FieldSet): FieldSet {
  for (const element in set) {
    const node = set[element]!
    if (!Object.isFrozen(node)) freeze(node)
  }
  return Object.freeze(set)
}
