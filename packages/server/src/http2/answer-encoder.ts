// The header blocks of answers: without a dynamic table there is no state to keep in step with the client.
import { HpackEncoder, staticIndex } from '@keelson/component/http2'

export type HeaderValue = string | number | readonly string[]

const STATUS_INDEX = new Map<number, number>()
for (const status of [200, 204, 206, 304, 400, 404, 500]) {
  const index = staticIndex(':status', String(status))
  if (index !== undefined) STATUS_INDEX.set(status, index)
}

export class AnswerEncoder {
  readonly #encoder = new HpackEncoder()
  #began = false

  /** The block is to be taken at once (HpackEncoder.finish). Values are latin1. */
  encode(status: number, headers: Readonly<Record<string, HeaderValue>>): Buffer {
    const encoder = this.#encoder
    encoder.begin()
    // No dynamic table will be used, whatever size the client allows.
    if (!this.#began) encoder.tableSize(0)
    this.#began = true
    const index = STATUS_INDEX.get(status)
    if (index === undefined) encoder.literal(':status', String(status))
    else encoder.indexed(index)
    for (const name in headers) {
      const value = headers[name]
      if (typeof value === 'object') for (const each of value) encoder.literal(name, each)
      else if (value !== undefined) encoder.literal(name, String(value))
    }
    return encoder.finish()
  }
}
