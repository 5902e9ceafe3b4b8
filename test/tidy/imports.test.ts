// The arrows of the house: which package may import which, and that whatever is imported is declared.
import assert from 'node:assert/strict'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { filesOf, read, root } from './tree.ts'

/** May import; itself always. docs/architecture.md draws the same. */
const ARROWS: Record<string, readonly string[]> = {
  apimachinery: [],
  api: ['apimachinery'],
  component: ['apimachinery'],
  storage: ['apimachinery', 'component'],
  auth: ['apimachinery', 'api', 'component'],
  admission: ['apimachinery', 'api', 'component'],
  server: ['apimachinery', 'api', 'component', 'storage', 'auth', 'admission'],
  client: ['apimachinery'],
  controllers: ['apimachinery', 'api', 'component', 'client'],
  cluster: ['component', 'client', 'deploy'],
  workload: ['client', 'apimachinery'],
  keelson: [
    'apimachinery',
    'api',
    'component',
    'storage',
    'auth',
    'admission',
    'server',
    'client',
    'controllers',
    'cluster',
    'workload',
    'deploy',
  ],
  deploy: [],
}

/** Their tests may start a server: startTestServer(). */
const USES_TEST_SERVER: ReadonlySet<string> = new Set(['client', 'controllers'])

interface Import {
  readonly file: string
  readonly specifier: string
}

const folders = Object.keys(ARROWS).map((name) => (name === 'deploy' ? 'deploy' : `packages/${name}`))
const nameOf = (folder: string): string => folder.replace('packages/', '')
const sources = (folder: string): string[] => filesOf(/\.(ts|mjs)$/, join(root, folder))

function importsOf(file: string): Import[] {
  // Statements as the formatter leaves them, at the start of a line, and import('…'): no parser is needed to find them.
  const statement = /^(?:import|export)\s(?:[^'"\n]*\sfrom\s)?'([^'\n]+)'|^} from '([^'\n]+)'|\bimport\('([^'\n]+)'\)/gm
  return [...read(file).matchAll(statement)].map((match) => ({
    file,
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
  }))
}

test('every package has its arrows, and they form no circle', () => {
  const packages = filesOf(/^package\.json$/, join(root, 'packages')).map((file) => nameOf(dirname(file)))
  assert.deepEqual(
    packages.filter((name) => ARROWS[name] === undefined),
    [],
  )
  const reach = (name: string, path: readonly string[]): void => {
    assert.ok(!path.includes(name), `circle: ${[...path, name].join(' -> ')}`)
    for (const next of ARROWS[name] ?? []) reach(next, [...path, name])
  }
  for (const name of Object.keys(ARROWS)) reach(name, [])
})

test('packages import only along the arrows, by their names', () => {
  const wrong = folders.flatMap((folder) =>
    sources(folder)
      .flatMap(importsOf)
      .filter(({ file, specifier }) => {
        if (specifier.startsWith('.')) return !normalize(join(dirname(file), specifier)).startsWith(`${folder}/`)
        // Clients and controllers are tested on a whole server.
        if (specifier === 'keelson' && file.endsWith('.test.ts') && USES_TEST_SERVER.has(nameOf(folder))) return false
        const target = /^@keelson\/([^/]+)/.exec(specifier)?.[1] ?? (specifier === 'keelson' ? 'keelson' : undefined)
        return target !== undefined && target !== nameOf(folder) && !ARROWS[nameOf(folder)]?.includes(target)
      }),
  )
  assert.deepEqual(wrong, [])
})

test('what is imported is declared in the package that imports it', () => {
  const shared = dependenciesOf('package.json', ['dependencies', 'devDependencies'])
  const wrong = folders.flatMap((folder) => {
    const declared = dependenciesOf(`${folder}/package.json`, ['dependencies', 'devDependencies'])
    return sources(folder)
      .flatMap(importsOf)
      .filter(({ file, specifier }) => {
        if (specifier.startsWith('.') || specifier.startsWith('node:') || builtinModules.includes(specifier))
          return false
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/')
        const isDevelopment =
          /\.(test|bench)\.ts$/.test(file) || file.includes('/testing/') || file.includes('/scripts/')
        return !(
          declared.has(name) ||
          name === packageName(folder) ||
          (isDevelopment && (shared.has(name) || name === 'keelson' || name.startsWith('@keelson/')))
        )
      })
  })
  assert.deepEqual(wrong, [])
})

function dependenciesOf(file: string, keys: readonly string[]): Set<string> {
  const manifest = JSON.parse(read(file)) as Record<string, Record<string, string> | undefined> // npm checks its shape.
  return new Set(keys.flatMap((key) => Object.keys(manifest[key] ?? {})))
}

function packageName(folder: string): string {
  return (JSON.parse(read(`${folder}/package.json`)) as { name: string }).name // npm checks its shape.
}
