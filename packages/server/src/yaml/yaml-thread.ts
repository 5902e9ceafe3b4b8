// The thread that parses YAML for yaml-bodies.ts: a task in, JSON out.
import { parentPort } from 'node:worker_threads'
import { DecodeError, decodeYaml } from '@keelson/apimachinery'

export interface YamlTask {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly findDuplicates: boolean
}

export type YamlAnswer =
  | { readonly json: Uint8Array<ArrayBuffer>; readonly duplicates: readonly string[] }
  /** What the client did wrong. */
  | { readonly refused: string }

parentPort?.on('message', (task: YamlTask) => {
  const answer = answerTo(task)
  parentPort?.postMessage(answer, 'json' in answer ? [answer.json.buffer] : [])
})

/** A fault is no answer: it ends the thread, and is told where the thread was started. */
function answerTo({ bytes, findDuplicates }: YamlTask): YamlAnswer {
  try {
    const { value, duplicates } = decodeYaml(bytes, { findDuplicates })
    return { json: new TextEncoder().encode(JSON.stringify(value)), duplicates }
  } catch (error) {
    if (error instanceof DecodeError) return { refused: error.message }
    throw error
  }
}
