import assert from 'node:assert/strict'
import { test } from 'node:test'
import { genericNotFound } from '@keelson/apimachinery'
import { tellWatchFailures } from './watch-failures.ts'

test('a resource that is not served is told once, a failure each time', () => {
  const lines: string[] = []
  const log = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`)
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const tell = tellWatchFailures(logger, 'widgets')
  const unserved = genericNotFound()
  for (const error of [unserved, unserved, unserved, new Error('cut'), new Error('cut'), unserved]) tell(error)
  const [info, warn] = [
    'info widgets are not served: they will be watched when they are',
    'warn widgets are watched again after a failure',
  ]
  assert.deepEqual(lines, [info, warn, warn, info])
})
