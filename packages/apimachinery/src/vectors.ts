// Test data: inputs with the answers that upstream's own packages gave (Kubernetes 1.36.3), one JSON file a function.
import { readFileSync } from 'node:fs'

/** Rows of testdata/`name`.json: the inputs, then the answer, or null and the error's message. */
export function vectors<Row>(name: string): Row[] {
  const text = readFileSync(new URL(`../testdata/${name}.json`, import.meta.url), 'utf8')
  return JSON.parse(text) as Row[] // The files are ours; a row of another shape fails its test.
}
