// The flags of kube-apiserver 1.36 as a table, read from facts when asked for.
import { readFileSync } from 'node:fs'
import type { FlagDefinition, FlagTable, FlagType } from './flags.ts'

interface FlagFact {
  readonly section: string
  readonly type: FlagType
  readonly default?: string
}

/**
 * Every flag of kube-apiserver: those in `handled` obeyed, the rest accepted and ignored; `own` are the program's flags.
 * Throws when `handled` names a flag that upstream does not have.
 */
export function apiserverFlagTable(handled: readonly string[], own: FlagTable = {}): FlagTable {
  const path = new URL('../facts/kube-apiserver-flags.json', import.meta.url)
  const facts = JSON.parse(readFileSync(path, 'utf8')) as Record<string, FlagFact> // Our own file; its test checks the shape.
  const obeyed = new Set(handled)
  const table: Record<string, FlagDefinition> = {}
  for (const [name, { type, default: fallback }] of Object.entries(facts)) {
    table[name] = { type, handled: obeyed.delete(name), ...(fallback !== undefined && { default: fallback }) }
  }
  if (obeyed.size > 0) throw new Error(`not flags of kube-apiserver: ${[...obeyed].join(', ')}`)
  return { ...table, ...own }
}
