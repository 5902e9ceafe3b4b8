// Writes descriptions of types and fields to packages/api/generated/prose, one file a package, from the doc comments of
// kubernetes-models and kubernetes-types (devDependencies): `node packages/api/scripts/prose.ts`, run after an installation. The
// texts are not part of this repository. Without them everything works; `kubectl explain` then says names and types only.
//
// Of the packages that have such comments, this one has those of fields that refer to another type, and the lists of what an
// enum's values mean. It lacks that of the one type which is a text, Quantity: that is kubernetes-types'.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Prose, readComments } from './model-comments.ts'

const facts = join(import.meta.dirname, '../facts/schemas')
const target = join(import.meta.dirname, '../generated/prose')

/** The folders of the models, or undefined when they are not installed. */
function modelFolders(): string[] | undefined {
  try {
    import.meta.resolve('kubernetes-types/package.json')
    return ['kubernetes-models', '@kubernetes-models/apimachinery'].map((name) =>
      dirname(fileURLToPath(import.meta.resolve(name))),
    )
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** Declarations of types by the models' global names: `IIoK8sApiAppsV1Deployment`. */
function findModels(folder: string, models: Map<string, string>): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const isModel = entry.isFile() && entry.name.endsWith('.d.ts') && entry.name !== 'index.d.ts'
    if (!isModel || basename(entry.parentPath) === '_schemas') continue
    const declaration = readFileSync(join(entry.parentPath, entry.name), 'utf8')
    const globalName = /^export type \{ \w+ as (\w+)/m.exec(declaration)?.[1]
    if (globalName !== undefined) models.set(globalName, declaration)
  }
}

/** `io.k8s.api.apps.v1.Deployment`: `IIoK8sApiAppsV1Deployment`. */
const globalName = (schema: string): string =>
  `I${schema.replaceAll(/(?:^|[.-])(\w)/g, (_, first: string) => first.toUpperCase())}`

/** The models leave them out where a type has a fixed kind; upstream describes them the same everywhere. */
function typeMeta(models: ReadonlyMap<string, string>): Prose {
  const status = models.get(globalName('io.k8s.apimachinery.pkg.apis.meta.v1.Status'))
  const { apiVersion = '', kind = '' } = status === undefined ? {} : readComments(status)
  return { apiVersion, kind }
}

/** Of the type `Quantity`. */
function quantityProse(): Prose {
  const file = join(dirname(fileURLToPath(import.meta.resolve('kubernetes-types/package.json'))), 'api/resource.d.ts')
  return readComments(readFileSync(file, 'utf8'))
}

const folders = modelFolders()
if (folders !== undefined) {
  const models = new Map<string, string>()
  for (const folder of folders) findModels(folder, models)
  const ofEveryKind = typeMeta(models)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const file of readdirSync(facts)) {
    const packageName = file.replace(/\.json$/, '')
    const schemas: object = JSON.parse(readFileSync(join(facts, file), 'utf8'))
    const prose: Record<string, Prose> = {}
    for (const [type, schema] of Object.entries(schemas)) {
      if (`${packageName}.${type}` === 'io.k8s.apimachinery.pkg.api.resource.Quantity') prose[type] = quantityProse()
      const declaration = models.get(globalName(`${packageName}.${type}`))
      if (declaration === undefined || type in prose) continue
      const isKind = 'x-kubernetes-group-version-kind' in schema
      prose[type] = { ...(isKind && ofEveryKind), ...readComments(declaration) }
    }
    writeFileSync(join(target, file), JSON.stringify(prose))
  }
}
