// A process to be killed: creates objects in the file it is given, and prints how many were answered.
import { createSqliteStorage } from '../sqlite/storage.ts'
import { toStorageKey } from '../storage.ts'

const file = process.argv[2]
if (file === undefined) throw new Error('usage: sqlite-writer.ts FILE')
const storage = await createSqliteStorage({ file })
for (let count = 1; ; count++) {
  await storage.create(toStorageKey(`/registry/killed/${String(count).padStart(8, '0')}`), Buffer.from(String(count)))
  process.stdout.write(`${count}\n`)
}
