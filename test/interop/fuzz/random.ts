// Seeded randomness: the same seed gives the same requests on every machine.

export interface Random {
  /** A float in [0, 1). */
  next(): number
  /** An integer in [0, bound). */
  below(bound: number): number
  chance(probability: number): boolean
  /** One of `items`, which may not be empty. */
  pick<Item>(items: readonly Item[]): Item
  /** One of the values, as often as its weight says. */
  weighted<Item>(choices: readonly (readonly [weight: number, item: Item])[]): Item
}

/** `words` make streams of their own from one seed (a kind, the number of a scenario). */
export function createRandom(seed: number, ...words: readonly (string | number)[]): Random {
  let state = hash(`${seed} ${words.join(' ')}`)
  // Mulberry32: 32 bits of state are plenty for some hundred draws a stream.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  return {
    next,
    below,
    pick,
    chance: (probability) => next() < probability,
    weighted(choices) {
      let rest = next() * choices.reduce((sum, [weight]) => sum + weight, 0)
      const found = choices.find(([weight]) => (rest -= weight) < 0) ?? choices.at(-1)
      if (found === undefined) throw new Error('nothing to pick from')
      return found[1]
    },
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value
}
