// `npm run bench [-- PATTERN]`: runs every *.bench.ts (or those whose path holds PATTERN), one after the other.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [pattern = ''] = process.argv.slice(2)
const files = globSync('packages/*/src/**/*.bench.ts', { cwd: root })
  .filter((file) => file.includes(pattern))
  .sort()
let failed = 0
for (const file of files) {
  console.log(`\n${file}`)
  // --expose-gc: a benchmark may collect before it measures memory.
  if (spawnSync(process.execPath, ['--expose-gc', file], { cwd: root, stdio: 'inherit' }).status !== 0) failed++
}
process.exit(failed === 0 ? 0 : 1)
