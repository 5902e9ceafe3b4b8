// The clients of watch/fan-out.bench.ts, in a process of their own: opens watches, says when all are open, counts events.
import { readFileSync } from 'node:fs'
import { connect } from 'node:http2'
import { Agent, get } from 'node:https'
import type { Readable } from 'node:stream'

const [, , httpVersion, port, count, files = '{}'] = process.argv
const { ca, cert, key }: Record<string, string> = JSON.parse(files)
const tls = { ca: readFileSync(ca ?? ''), cert: readFileSync(cert ?? ''), key: readFileSync(key ?? '') }
const path = '/api/v1/configmaps?watch=1&resourceVersion=1'
const STREAMS_PER_CONNECTION = 100

let open = 0
let seen = 0
const read = (stream: Readable): void => {
  if (++open === Number(count)) setTimeout(() => console.log('open'), 500)
  stream.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) seen++
  })
}

if (httpVersion === '2') {
  for (let index = 0; index < Number(count); index += STREAMS_PER_CONNECTION) {
    const session = connect(`https://127.0.0.1:${port}`, { ...tls, settings: { initialWindowSize: 4 << 20 } })
    session.on('connect', () => session.setLocalWindowSize(1 << 28))
    for (let stream = 0; stream < STREAMS_PER_CONNECTION; stream++) {
      const request = session.request({ ':path': path })
      request.on('response', () => read(request))
    }
  }
} else {
  const agent = new Agent({ ...tls, maxSockets: Infinity })
  for (let index = 0; index < Number(count); index++) get({ host: '127.0.0.1', port, path, agent }, read)
}

let before = 0
process.stdin.once('data', () => {
  const settled = setInterval(() => {
    if (seen !== before) return void (before = seen)
    clearInterval(settled)
    console.log(seen)
    process.exit()
  }, 300)
})
