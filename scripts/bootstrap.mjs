// Makes `npm start` and `npm test` work on a fresh machine: runs `npm ci` when node_modules is missing or out of date,
// then goes on under the pinned Node of node_modules. Plain JavaScript: it must run on any Node >= 20.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [task = 'test', ...args] = process.argv.slice(2)
const installed = join(root, 'node_modules/.package-lock.json')
const node = join(root, 'node_modules/.bin/node')

if (!existsSync(node) || !existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs - 1000) {
  const { status } = spawnSync('npm', ['ci'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) process.exit(status ?? 1)
}
const commands = {
  start: [join(root, 'packages/keelson/bin/keelson.mjs'), 'up', ...args],
  test: ['--test', '--experimental-test-coverage', '--test-concurrency=2', 'packages/**/*.test.ts', 'test/**/*.test.ts', ...args],
}
const { status } = spawnSync(node, commands[task], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
