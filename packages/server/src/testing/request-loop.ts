// Sends the same request again and again, reads the answers to their end, and exits: the other side of a benchmark.
//   node request-loop.ts HTTP-VERSION PORT PATH COUNT HEADERS FILES
import { readFileSync } from 'node:fs'
import { connect } from 'node:http2'
import { Agent, get } from 'node:https'
import type { Readable } from 'node:stream'

const [, , httpVersion, port, path = '/', count, headers = '{}', files = '{}'] = process.argv
const { ca, cert, key }: Record<string, string> = JSON.parse(files)
const tls = { ca: readFileSync(ca ?? ''), cert: readFileSync(cert ?? ''), key: readFileSync(key ?? '') }
const given: Record<string, string> = JSON.parse(headers)

const ended = (stream: Readable): Promise<void> => new Promise((resolve) => stream.resume().once('end', resolve))

if (httpVersion === '2') {
  const session = connect(`https://127.0.0.1:${port}`, { ...tls, settings: { initialWindowSize: 4 << 20 } })
  await new Promise((resolve) => session.once('connect', resolve))
  session.setLocalWindowSize(1 << 28)
  for (let index = 0; index < Number(count); index++) await ended(session.request({ ...given, ':path': path }))
  session.close()
} else {
  const agent = new Agent({ ...tls, keepAlive: true })
  for (let index = 0; index < Number(count); index++) {
    const answer = await new Promise<Readable>((resolve) =>
      get({ host: '127.0.0.1', port, path, agent, headers: given }, resolve),
    )
    await ended(answer)
  }
  agent.destroy()
}
