import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generatedFiles } from '../../scripts/generated-files.ts'
import { read } from './tree.ts'

test('generated files are what scripts/generate.ts would write', () => {
  for (const [file, text] of generatedFiles()) assert.equal(read(file), text, `${file}: run node scripts/generate.ts`)
})
