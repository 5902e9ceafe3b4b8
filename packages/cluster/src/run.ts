// Runs a short-lived program and returns what it printed.
import { execFile } from 'node:child_process'

const TIMEOUT_MS = 180_000

/** Throws an Error with the program's last line of complaint. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { ...options, encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(new Error(stderr.trim().split('\n').at(-1) || error.message, { cause: error }))
      },
    )
  })
}
