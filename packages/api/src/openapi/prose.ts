// Descriptions of types and fields, where an installation has made them (scripts/prose.ts): generated/prose, one file a package.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import type { Prose } from './describe.ts'

/** Changes with any of the texts; '' when there are none. */
export function proseFingerprint(): string {
  return sources().fingerprint
}

/** Of a type by its schema's name. */
export function proseOf(name: string): Prose | undefined {
  const dot = name.lastIndexOf('.')
  return sources().prose(name.slice(0, dot))?.[name.slice(dot + 1)]
}

interface Sources {
  readonly fingerprint: string
  prose(packageName: string): Readonly<Record<string, Prose>> | undefined
}

let found: Sources | undefined

function sources(): Sources {
  found ??= findSources()
  return found
}

const folder = new URL('../../generated/prose/', import.meta.url)

function findSources(): Sources {
  const files = existsSync(folder) ? readdirSync(folder).toSorted() : []
  const fingerprint = createHash('sha512')
  for (const file of files) fingerprint.update(readFileSync(new URL(file, folder)))
  const packages = new Map<string, Record<string, Prose>>()
  return {
    fingerprint: files.length === 0 ? '' : fingerprint.digest('hex'),
    prose(packageName) {
      if (!files.includes(`${packageName}.json`)) return undefined
      let prose = packages.get(packageName)
      if (prose === undefined) {
        prose = JSON.parse(readFileSync(new URL(`${packageName}.json`, folder), 'utf8'))
        packages.set(packageName, prose ?? {})
      }
      return prose
    },
  }
}
