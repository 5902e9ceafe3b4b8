// An apply that would change what others manage: who they are and which fields, in upstream's words.
import { compareBytes, goQuote } from '../go-text.ts'
import { StatusError } from '../status.ts'
import { membersOf } from '../structured-merge/field-set.ts'
import { elementText } from '../structured-merge/path-element.ts'
import type { Conflicts } from './change-owners.ts'
import type { Manager, Managers } from './entries.ts'

export interface Conflict {
  readonly manager: string
  /** As elements. */
  readonly path: readonly string[]
}

/** Sorted by manager; upstream's order is another each time. */
export function conflictsOf(conflicts: Conflicts, managers: Managers): Conflict[] {
  const list: Conflict[] = []
  for (const identity of [...conflicts.keys()].toSorted(compareBytes)) {
    const [set, manager] = [conflicts.get(identity), managers.get(identity)]
    if (set === undefined || manager === undefined) continue
    for (const path of membersOf(set)) list.push({ manager: describe(manager), path })
  }
  return list
}

/** The time is not told: managers are compared without it. */
function describe({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = goQuote(manager) + (subresource === '' ? '' : ` with subresource ${goQuote(subresource)}`)
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}

const pathText = (path: readonly string[]): string => path.map(elementText).join('')

export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field: pathText(path),
  }))
  return new StatusError(409, 'Conflict', messageOf(conflicts), { causes })
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [only] = conflicts
  if (only !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${only.manager}: ${pathText(only.path)}`
  }
  const byManager = Map.groupBy(conflicts, ({ manager }) => manager)
  const lines = [...byManager].flatMap(([manager, theirs]) => [
    `conflicts with ${manager}:`,
    ...theirs.map(({ path }) => `- ${pathText(path)}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}
