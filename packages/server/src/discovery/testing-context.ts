// A request context for tests of handlers that answer from memory.
import type { IncomingHttpHeaders } from 'node:http'
import type { Handler, RequestContext } from '../context.ts'

export interface Answer {
  readonly code: number
  readonly contentType: string
  readonly bytes: Buffer
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Runs a handler on a GET (or another method) and gives what it answered; what it throws is thrown. */
export async function answerOf(
  handler: Handler | undefined,
  request: { method?: string; query?: string; headers?: IncomingHttpHeaders } = {},
): Promise<Answer> {
  if (handler === undefined) throw new Error('no handler')
  const headers: Record<string, string> = {}
  let answer: Answer | undefined
  const context: Partial<RequestContext> = {
    method: request.method ?? 'GET',
    query: new URLSearchParams(request.query),
    headers: request.headers ?? {},
    setHeader: (name, value) => {
      headers[name] = value
    },
    respond: (code, contentType, body) => {
      answer = { code, contentType, bytes: Buffer.from(body), body: String(body), headers }
    },
  }
  // These handlers use nothing else of a context.
  await handler(context as RequestContext)
  if (answer === undefined) throw new Error('no answer')
  return answer
}
