// `npm run check`: types, lint. One process after the other; the first failure ends it.
import { spawnSync } from 'node:child_process'
for (const [command, ...args] of [['tsc', '-p', '.'], ['oxlint']]) {
  const { status } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
