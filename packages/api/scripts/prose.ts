// Writes descriptions of types and fields to packages/api/generated/prose, one file a package, from the doc comments of
// @kubernetes/client-node (a devDependency): `node packages/api/scripts/prose.ts`, run after an installation. The texts are not
// part of this repository. Without them everything works; `kubectl explain` then says names and types only.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

type Prose = Record<string, string>

const facts = join(import.meta.dirname, '../facts/schemas')
const target = join(import.meta.dirname, '../generated/prose')

const COMMENT = String.raw`\/\*\*\s*\n((?:\s*\*(?!\/).*\n)+)\s*\*\/\s*\n\s*`
const CLASS = new RegExp(`${COMMENT}export declare class`)
const FIELD = new RegExp(`${COMMENT}'(\\w+)'\\??:`, 'g')

/** The folder of the client's models, or undefined when the client is not installed. */
function modelsFolder(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen/models')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** `io.k8s.api.core.v1` and `Event`: V1Event, or CoreV1Event where two groups have the name. */
function modelNames(packageName: string, type: string): string[] {
  const [version = '', group = ''] = packageName.split('.').toReversed()
  const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
  return [capital(group) + capital(version) + type, capital(version) + type]
}

const plainText = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join(' ')
    .trim()
    .replaceAll(/\\(.)/g, '$1')

/** The type's own description under '', those of its fields under their names in JSON. */
function readProse(models: string, name: string): Prose {
  const declaration = readFileSync(join(models, `${name}.d.ts`), 'utf8')
  const jsonNames = new Map(
    [...readFileSync(join(models, `${name}.js`), 'utf8').matchAll(/"name": "(\w+)",\s*"baseName": "([^"]+)"/g)].map(
      ([, field = '', jsonName = '']) => [field, jsonName],
    ),
  )
  const prose: Prose = {}
  const ofType = CLASS.exec(declaration)?.[1]
  if (ofType !== undefined) prose[''] = plainText(ofType)
  for (const [, comment = '', field = ''] of declaration.matchAll(FIELD)) {
    prose[jsonNames.get(field) ?? field] = plainText(comment)
  }
  return prose
}

const models = modelsFolder()
if (models !== undefined) {
  const known = new Set(readdirSync(models))
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const file of readdirSync(facts)) {
    const packageName = file.replace(/\.json$/, '')
    const types = Object.keys(JSON.parse(readFileSync(join(facts, file), 'utf8')))
    const prose: Record<string, Prose> = {}
    for (const type of types) {
      const name = modelNames(packageName, type).find((candidate) => known.has(`${candidate}.d.ts`))
      if (name !== undefined) prose[type] = readProse(models, name)
    }
    writeFileSync(join(target, file), JSON.stringify(prose))
  }
}
