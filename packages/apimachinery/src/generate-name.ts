// Names that the server makes: metadata.generateName plus five characters.
import { randomInt, randomUUID } from 'node:crypto'

/** No vowels and no look-alikes, so that no words come out (apimachinery/util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX_LENGTH = 5
const MAX_NAME_LENGTH = 63
export const MAX_GENERATED_BASE = MAX_NAME_LENGTH - SUFFIX_LENGTH

/** `base` is cut so that the whole has at most 63 characters. Not unique: the caller creates, and tries again on conflict. */
export function generateName(base: string): string {
  return `${base.slice(0, MAX_GENERATED_BASE)}${randomSuffix()}`
}

export function randomSuffix(length = SUFFIX_LENGTH): string {
  let suffix = ''
  for (let index = 0; index < length; index++) suffix += ALPHABET[randomInt(ALPHABET.length)]
  return suffix
}

export const newUid = (): string => randomUUID()
