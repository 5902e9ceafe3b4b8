import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFolder } from './folder.ts'

test('a folder is made with those it stands in, and may be there already', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'keelson-folder-'))
  t.after(() => rmSync(root, { recursive: true }))
  makeFolder(join(root, 'a/b/c'), 0o700)
  makeFolder(join(root, 'a/b/c'), 0o700)
  assert.equal(statSync(join(root, 'a/b/c')).mode & 0o777, 0o700)
  writeFileSync(join(root, 'file'), '')
  assert.throws(() => makeFolder(join(root, 'file')), /EEXIST.*file/)
  assert.throws(() => makeFolder(join(root, 'file/below')), /EEXIST.*file/)
})

test(
  'where nothing can be made it ends, and says where',
  { skip: !existsSync('/proc/1') && 'there is no /proc' },
  () => {
    assert.throws(() => makeFolder('/proc/keelson/state'), /ENOENT.*mkdir '\/proc\/keelson'/)
  },
)
