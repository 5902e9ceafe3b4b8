// Owners that are known not to exist: a thousand dependents of one owner ask the server about it once. Bounded: the one that was
// not asked for longest is forgotten.
import { type ObjectIdentity, identityKey } from './identity.ts'

const LIMIT = 500

export class AbsentOwners {
  readonly #keys = new Set<string>()

  add(identity: ObjectIdentity): void {
    this.#touch(identityKey(identity))
    if (this.#keys.size > LIMIT) for (const oldest of this.#keys) return void this.#keys.delete(oldest)
  }

  has(identity: ObjectIdentity): boolean {
    const key = identityKey(identity)
    if (!this.#keys.has(key)) return false
    this.#touch(key)
    return true
  }

  #touch(key: string): void {
    this.#keys.delete(key)
    this.#keys.add(key)
  }
}
