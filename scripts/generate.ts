// Writes the files that are made from tables and templates: compose, HAProxy's configuration for it, and generated docs.
// `node scripts/generate.ts` after a change; the tidy tests fail while a file differs from what this would write.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedFiles } from './generated-files.ts'

for (const [file, text] of generatedFiles()) {
  writeFileSync(join(import.meta.dirname, '..', file), text)
  console.log(file)
}
