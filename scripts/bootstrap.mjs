// Makes `npm start` and `npm test` work on a fresh machine: runs `npm ci` when node_modules is missing or out of date, then
// goes on under the pinned Node of node_modules. Plain JavaScript without dependencies: it must run on any Node >= 20.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const node = join(modules, '.bin/node')
const properties = pathToFileURL(join(root, 'test/properties/preload.ts')).href
const tasks = { start, test }

const [task, ...args] = process.argv.slice(2)
install()
tasks[task](args)

function install() {
  const installed = join(modules, '.package-lock.json')
  const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  // A second of tolerance: npm writes the two files one after the other.
  if (existsSync(node) && changedAt(installed) > changedAt(join(root, 'package-lock.json')) - 1000) return
  console.log('Installing the dependencies (npm ci), once.')
  // Of warnings there are only those of packages that want a newer Node than npm's own: they run on the pinned one.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0 || !existsSync(node)) {
    console.error('npm ci failed: Keelson needs npm, and a way to its registry, for the first start.')
    process.exit(status || 1)
  }
}

function start(args) {
  runUntilItEnds([join(root, 'packages/keelson/bin/keelson.mjs'), 'up', ...args], {})
}

/** Files or patterns given replace all of them; flags are passed on to the runner. */
function test(args) {
  provideBinaries()
  const isFlag = (arg) => arg.startsWith('-')
  const files = args.some((arg) => !isFlag(arg))
    ? args.filter((arg) => !isFlag(arg))
    : ['packages/*/src/**/*.test.ts', 'deploy/**/*.test.ts', 'test/**/*.test.ts']
  const coverage = [
    '--experimental-test-coverage',
    '--test-coverage-include=packages/**',
    '--test-coverage-include=deploy/**',
    '--test-coverage-exclude=**/*.test.ts',
  ]
  // Code from the compile cache is not counted function by function, so coverage goes without.
  const runner = ['--test', '--test-concurrency=2', '--test-timeout=300000', `--import=${properties}`]
  runUntilItEnds([...runner, ...coverage, ...args.filter(isFlag), ...files], {
    NODE_DISABLE_COMPILE_CACHE: '1',
    PATH: [process.env.PATH, join(modules, '.cache/keelson/bin')].join(delimiter),
  })
}

/** Tests of storage and of whole clusters run the real etcd and HAProxy. */
function provideBinaries() {
  const { status } = spawnSync(node, [join(root, 'scripts/provide-binaries.ts')], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

function runUntilItEnds(args, env) {
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  // The child decides what a signal means; this process ends with it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)))
}
