// One `keelson apiserver` as a process of its own, to be killed, paused and measured, with clients of both transports.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectionConfig } from '@keelson/client'
import { ensureCertificates } from '@keelson/cluster/certificates'
import { findFreePort } from '@keelson/cluster'
import { TestClient } from '../../packages/server/src/testing/test-client.ts'

const COMMAND = join(import.meta.dirname, '../../packages/keelson/bin/keelson.mjs')
const POLL_MS = 20

export interface ReplicaOptions {
  readonly etcdServers: readonly string[]
  /** More flags of `keelson apiserver`. */
  readonly flags?: readonly string[]
}

export class Replica {
  readonly port: number
  readonly connection: ConnectionConfig
  /** What it wrote, of all its starts. */
  log = ''
  readonly #directory: string
  readonly #flags: readonly string[]
  readonly #clients: TestClient[] = []
  #process: ChildProcess | undefined
  #exit: Promise<number | string> = Promise.resolve('never started')

  private constructor(directory: string, port: number, { etcdServers, flags = [] }: ReplicaOptions) {
    const pki = (file: string): Buffer => readFileSync(join(directory, file))
    this.port = port
    this.connection = {
      server: `https://127.0.0.1:${port}`,
      ca: pki('ca.crt'),
      cert: pki('admin.crt'),
      key: pki('admin.key'),
      token: undefined,
    }
    this.#directory = directory
    this.#flags = [
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      `--etcd-servers=${etcdServers.join(',')}`,
      `--client-ca-file=${join(directory, 'ca.crt')}`,
      `--tls-cert-file=${join(directory, 'apiserver.crt')}`,
      `--tls-private-key-file=${join(directory, 'apiserver.key')}`,
      '--endpoint-reconciler-type=none',
      ...flags,
    ]
  }

  /** Resolves when the process runs; see ready(). */
  static async start(options: ReplicaOptions): Promise<Replica> {
    const directory = mkdtempSync(join(tmpdir(), 'keelson-robustness-'))
    await ensureCertificates(directory, { only: ['ca', 'apiserver', 'admin'] })
    const replica = new Replica(directory, await findFreePort(), options)
    replica.restart()
    return replica
  }

  /** The last one must be gone: see kill(). */
  restart(): void {
    const child = spawn(process.execPath, [COMMAND, 'apiserver', ...this.#flags], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    this.#exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? '')))
    const collect = (text: Buffer): void => void (this.log += text.toString())
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
  }

  /** Resolves with the exit code, or the signal's name. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string> {
    this.#process?.kill(signal)
    return this.#exit
  }

  get running(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null
  }

  /** Resident memory now, in bytes. */
  get rss(): number {
    const pages = readFileSync(`/proc/${this.#process?.pid}/statm`, 'utf8').split(' ')[1]
    return Number(pages) * 4096
  }

  /** A connection of its own on HTTP/2; closed at the end. */
  client(httpVersion: '1.1' | '2'): TestClient {
    const { ca, cert, key } = this.connection
    const client = new TestClient(httpVersion, this.port, String(ca), { cert: String(cert), key: String(key) })
    this.#clients.push(client)
    return client
  }

  ready(timeoutMs = 20_000): Promise<void> {
    return this.answers('/readyz', 200, timeoutMs)
  }

  async answers(path: string, status: number, timeoutMs = 10_000): Promise<void> {
    const client = this.client('1.1')
    let last: unknown
    await until(
      async () => {
        last = await client.request(path).then(
          (answer) => answer.status,
          (error: unknown) => error,
        )
        return last === status
      },
      timeoutMs,
      () => `${path} is ${String(last)}, not ${status}; log: ${this.log.slice(-2000)}`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.kill('SIGKILL')
    rmSync(this.#directory, { recursive: true })
  }
}

/** Looks until `condition` holds; fails with what `otherwise` says. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  otherwise: () => string,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${otherwise()}`)
    await delay(POLL_MS)
  }
}

export const configMap = (name: string, data: Record<string, string> = {}): object => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name },
  data,
})

export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
