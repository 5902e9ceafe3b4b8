// `kubectl explain --recursive` for every kind that is read or written by itself.
import { builtinGroupVersions } from '@keelson/api'
import { apiVersionOf } from '@keelson/apimachinery'
import type { KubectlCommand } from './kubectl-commands.ts'

export function explainCommands(): KubectlCommand[] {
  return builtinGroupVersions().flatMap(({ group, version, resources }) =>
    resources.map(({ resource }) => ({
      command: `explain ${group === '' ? resource : `${resource}.${group}`} --recursive --api-version=${apiVersionOf(group, version)}`,
    })),
  )
}
