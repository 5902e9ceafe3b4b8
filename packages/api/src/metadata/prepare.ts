// The metadata fields that the server owns: dropped from what clients send, filled on create, kept on update. In place.
import { randomUUID } from 'node:crypto'
import { type ObjectMeta, badRequest, formatTime } from '@keelson/apimachinery'

/** Upstream's alphabet for generated names: no vowels and no digits that look like letters, so that no words appear. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX_LENGTH = 5
const NAME_MAX_LENGTH = 63

/**
 * The namespace of the object and of the request must be the same; whichever is absent takes the other's.
 * `requestNamespace` is '' for cluster-scoped resources. StatusError 400 when they differ.
 */
export function ensureNamespace(meta: ObjectMeta, requestNamespace: string): void {
  if (meta.namespace === requestNamespace) return
  if (requestNamespace === '') delete meta.namespace
  else if (!meta.namespace) meta.namespace = requestNamespace
  else throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

/** `web-` becomes `web-x7k2p`; a base that is too long is cut so that the whole has 63 characters. */
export function generateName(base: string): string {
  let suffix = ''
  for (let index = 0; index < SUFFIX_LENGTH; index++) suffix += ALPHABET[Math.floor(Math.random() * ALPHABET.length)]
  return base.slice(0, NAME_MAX_LENGTH - SUFFIX_LENGTH) + suffix
}

/**
 * Drops what only the server may say, and says it: uid and creationTimestamp. The name is generated when there is none.
 * A generation that was sent stays: kinds that count generations set it themselves, upstream keeps it for the others.
 */
export function prepareMetadataForCreate(meta: ObjectMeta, requestNamespace: string, now: Date): void {
  ensureNamespace(meta, requestNamespace)
  meta.uid = randomUUID()
  meta.creationTimestamp = formatTime(now)
  if (meta.generateName && !meta.name) meta.name = generateName(meta.generateName)
}

/** Keeps what an update cannot change. A uid that was sent stays as it is: it is compared by validation and preconditions. */
export function prepareMetadataForUpdate(next: ObjectMeta, old: ObjectMeta, requestNamespace: string): void {
  ensureNamespace(next, requestNamespace)
  if (old.generation === undefined) delete next.generation
  else next.generation = old.generation
  if (!next.uid && old.uid) next.uid = old.uid
  if (old.creationTimestamp) next.creationTimestamp = old.creationTimestamp
  if (old.deletionTimestamp) next.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined && next.deletionGracePeriodSeconds === undefined) {
    next.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds
  }
}
