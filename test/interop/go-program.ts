// The Go programs of go/, built once into a cache folder; Go keeps what it compiled, so a second build is quick.
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from './upstream.ts'

const SOURCES = join(import.meta.dirname, 'go')
const PROGRAMS = join(homedir(), '.cache/keelson-interop')
const BUILD_TIMEOUT_MS = 20 * 60_000

/** `go build ./NAME`; the path of the program. Needs Go on PATH, and the module proxy the first time. */
export async function buildGoProgram(name: string): Promise<string> {
  mkdirSync(PROGRAMS, { recursive: true })
  const file = join(PROGRAMS, name)
  const isTest = name === 'reconciler'
  const { status, output } = await run(
    'go',
    isTest ? ['test', '-C', SOURCES, '-c', '-o', file, `./${name}`] : ['build', '-C', SOURCES, '-o', file, `./${name}`],
    { timeoutMs: BUILD_TIMEOUT_MS },
  )
  if (status !== 0) throw new Error(`go build ./${name}: ${output}`)
  return file
}
