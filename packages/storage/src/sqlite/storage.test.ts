// SQLite under the contract suite, in memory and in a file, and what only a file can promise.
import { contractSuite } from '../testing/contract.ts'
import { createSqliteStorage } from './storage.ts'

contractSuite('sqlite in memory', () => createSqliteStorage({ file: ':memory:' }))
