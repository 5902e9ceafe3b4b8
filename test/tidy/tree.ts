// The files of the repository as the tidy tests see them: sources and texts, without what is installed, generated or recorded.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

const SKIPPED_FOLDERS = new Set(['node_modules', '.git', 'coverage', 'generated'])

/** Paths relative to the root, sorted, of files whose name matches. */
export function filesOf(pattern: RegExp, folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      // State folders of clusters begin with a dot, whatever they are called.
      if (entry.isDirectory())
        return SKIPPED_FOLDERS.has(entry.name) || entry.name.startsWith('.keelson') ? [] : filesOf(pattern, path)
      return entry.isFile() && pattern.test(entry.name) ? [relative(root, path)] : []
    })
    .sort()
}

export const read = (file: string): string => readFileSync(join(root, file), 'utf8')
