// `npm run check`: types, lint, format and dead code, each in full, so that one run shows everything there is to mend.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const checks = [
  { what: 'types', command: ['tsc', '-p', '.'] },
  { what: 'lint', command: ['oxlint', '--type-aware'] },
  { what: 'format', command: ['oxfmt', '--check'] },
  { what: 'dead code', command: ['knip', '--no-progress', '--no-config-hints'] },
]

const failed = checks.filter(({ what, command: [program, ...args] }) => {
  const startedAt = performance.now()
  const { status } = spawnSync(join(root, 'node_modules/.bin', program), args, { cwd: root, stdio: 'inherit' })
  console.log(
    `${status === 0 ? 'ok    ' : 'FAILED'} ${what} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
  )
  return status !== 0
})
process.exit(failed.length === 0 ? 0 : 1)
