// Keys in etcd's order, which is the order of their UTF-8 bytes.
import { type StorageKey, toStorageKey } from '../storage.ts'

/**
 * Compares from character `from` on (what both keys share, such as a resource's prefix, need not be looked at).
 * JavaScript orders by UTF-16 unit, which differs from byte order only where a surrogate meets a unit above it.
 */
export function compareKeys(left: string, right: string, from = 0): number {
  const length = left.length < right.length ? left.length : right.length
  for (let index = from; index < length; index++) {
    const leftUnit = left.charCodeAt(index)
    const rightUnit = right.charCodeAt(index)
    if (leftUnit === rightUnit) continue
    if (leftUnit >= 0xd800 && rightUnit >= 0xd800) return byteRank(leftUnit) - byteRank(rightUnit)
    return leftUnit - rightUnit
  }
  return left.length - right.length
}

/** Surrogates (code points above U+FFFF) come after all other units. */
function byteRank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** Where an object is stored. `namespace` is '' for a cluster-scoped one. */
export function objectKey(prefix: string, namespace: string, name: string): StorageKey {
  return toStorageKey(namespace === '' ? prefix + name : `${prefix}${namespace}/${name}`)
}

/** The first key of a namespace's range: `[namespaceStart, namespaceEnd)`. */
export function namespaceStart(prefix: string, namespace: string): string {
  return `${prefix}${namespace}/`
}

/** One past the last key of a namespace's range: `0` is the character after `/`. */
export function namespaceEnd(prefix: string, namespace: string): string {
  return `${prefix}${namespace}0`
}
