// Reads the fact files of this package. Each is read and parsed when it is first asked for: a server that starts must not
// pay for the kinds that nobody uses.
import { readFileSync } from 'node:fs'

const cache = new Map<string, unknown>()

/** The content of facts/`name`, parsed once. The caller names the shape: the files are made by scripts/facts.ts. */
export function readFacts<T>(name: string): T {
  let content = cache.get(name)
  if (content === undefined) {
    content = JSON.parse(readFileSync(new URL(`../facts/${name}`, import.meta.url), 'utf8'))
    cache.set(name, content)
  }
  // The files are committed together with the code that reads them and checked by its tests.
  return content as T
}
