// YAML bodies without holding the loop. A YAML parser takes a microsecond a byte: a manifest of 50 KB would cost others 50 ms,
// one of the largest size seconds. So all but small ones are parsed in a thread of their own, which answers with JSON; the tree
// itself would cost this thread twice what parsing that JSON does. Bodies that are JSON by their looks (kubectl and client-go
// send nothing else, whatever they call it) are read as such, here.
//
//   small ──────────────────────────────► here
//   JSON ───────────────────────────────► here, by JSON.parse
//   the rest ─► waiting ─► the thread, one at a time ─► JSON ─► here
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  DecodeError,
  type DecodeOptions,
  type Decoded,
  type JsonValue,
  decodeYaml,
  decodeYamlJson,
  tooManyRequests,
} from '@keelson/apimachinery'
import type { YamlAnswer, YamlTask } from './yaml-thread.ts'

/** Up to this parsing costs no more than the way to the thread and back: some 2 ms. */
const INLINE_BYTES = 2 * 1024
/** Of bodies that wait for the thread; beyond, clients are asked to come again. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024
/** The largest body takes five seconds; what takes longer was made to. */
const TASK_TIMEOUT_MS = 20_000
/** A thread without work gives its memory back. */
const IDLE_MS = 30_000
/** A tree takes a hundred times its text, while it is being parsed. */
const MAX_HEAP_MB = 1024

export interface YamlBodiesOptions {
  readonly maxWaitingBytes?: number
  readonly taskTimeoutMs?: number
}

interface Job {
  readonly body: Uint8Array
  readonly options: DecodeOptions
  readonly settle: PromiseWithResolvers<Decoded>
}

export class YamlBodies {
  readonly #maxWaitingBytes: number
  readonly #taskTimeoutMs: number
  #thread: Worker | undefined
  #current: Job | undefined
  #waiting: Job[] = []
  #waitingBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor({ maxWaitingBytes = MAX_WAITING_BYTES, taskTimeoutMs = TASK_TIMEOUT_MS }: YamlBodiesOptions = {}) {
    this.#maxWaitingBytes = maxWaitingBytes
    this.#taskTimeoutMs = taskTimeoutMs
  }

  /** As decodeYaml. Throws DecodeError; StatusError 429 when too much is waiting already. */
  async decode(body: Uint8Array, options: DecodeOptions): Promise<Decoded> {
    const read = decodeYamlJson(body, options)
    if (read !== undefined) return read
    if (body.length <= INLINE_BYTES) return decodeYaml(body, options)
    if (this.#waitingBytes + body.length > this.#maxWaitingBytes)
      throw tooManyRequests('too many YAML bodies are waiting to be read, please try again later', 1)
    const job = { body, options, settle: Promise.withResolvers<Decoded>() }
    this.#waiting.push(job)
    this.#waitingBytes += body.length
    this.#next()
    return job.settle.promise
  }

  #next(): void {
    if (this.#current !== undefined) return
    const job = this.#waiting.shift()
    clearTimeout(this.#timer)
    if (job === undefined) {
      // Waiting for work, it keeps no process alive.
      this.#thread?.unref()
      this.#timer = setTimeout(() => this.#endThread(), IDLE_MS).unref()
      return
    }
    this.#current = job
    this.#waitingBytes -= job.body.length
    this.#timer = setTimeout(() => this.#tooLate(), this.#taskTimeoutMs).unref()
    // A copy: the body is still needed here, for messages.
    const bytes = new Uint8Array(job.body)
    const task: YamlTask = { bytes, findDuplicates: job.options.findDuplicates === true }
    this.#thread ??= this.#startThread()
    this.#thread.ref()
    this.#thread.postMessage(task, [bytes.buffer])
  }

  #startThread(): Worker {
    const thread = new Worker(new URL(`yaml-thread${extname(import.meta.filename)}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    thread.on('message', (answer: YamlAnswer) => {
      if (this.#thread === thread) this.#done((job) => job.settle.resolve(decodedOf(answer)))
    })
    thread.on('error', (cause) => {
      if (this.#thread !== thread) return
      this.#thread = undefined
      this.#done((job) => job.settle.reject(new Error('the thread that reads YAML has failed', { cause })))
    })
    return thread
  }

  /** Settles the job in the thread with what `settle` makes, or throws, of it. */
  #done(settle: (job: Job) => void): void {
    const job = this.#current
    if (job === undefined) return
    this.#current = undefined
    try {
      settle(job)
    } catch (error) {
      job.settle.reject(error)
    }
    this.#next()
  }

  #tooLate(): void {
    this.#endThread()
    this.#done(() => {
      throw new DecodeError('yaml: the document takes too long to read')
    })
  }

  #endThread(): void {
    const thread = this.#thread
    this.#thread = undefined
    void thread?.terminate()
  }
}

/** The process has one thread for YAML, however many servers are in it. */
export const yamlBodies = new YamlBodies()

/** JSON of 1.4 MB takes JSON.parse 5 to 15 ms. */
function decodedOf(answer: YamlAnswer): Decoded {
  if ('refused' in answer) throw new DecodeError(answer.refused)
  const { json, duplicates } = answer
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString()
  return { value: JSON.parse(text) as JsonValue, duplicates } // JSON.parse gives nothing else.
}
