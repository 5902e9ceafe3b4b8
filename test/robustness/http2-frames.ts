// HTTP/2 frames by hand, for what no client library would send.
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import type { Replica } from './replica.ts'

export const FRAME = { headers: 1, resetStream: 3, settings: 4, ping: 6, continuation: 9 } as const
export const END_STREAM = 1
export const END_HEADERS = 4

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** HPACK: `GET https` of a path, all but the path from the static table. */
export function getHeaders(path: string): Buffer {
  const bytes = Buffer.from(path)
  return Buffer.concat([Buffer.from([0x82, 0x87, 0x04, bytes.length]), bytes, Buffer.from([0x41, 0x01, 0x78])])
}

export interface RawConnection {
  readonly socket: TLSSocket
  /** Resolves when the server has closed it. */
  readonly closed: Promise<unknown>
}

/** Past the preface. What the server says is not looked at. */
export async function openRaw({ port, connection: { ca, cert, key } }: Replica): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port, ca, cert, key, ALPNProtocols: ['h2'] })
  socket.on('error', () => {
    // Being cut is what these tests expect; `closed` tells of it.
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await once(socket, 'secureConnect')
  socket.write(Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings, 0, 0)]))
  return { socket, closed }
}

/** Sends `chunk` again and again until the server closes or `bytes` are sent. Returns how many were. */
export async function flood(
  { socket, closed }: RawConnection,
  chunk: (count: number) => Buffer,
  bytes: number,
): Promise<number> {
  let sent = 0
  let isOpen = true
  void closed.then(() => (isOpen = false))
  for (let count = 0; isOpen && sent < bytes; count++) {
    const next = chunk(count)
    sent += next.length
    if (!socket.write(next)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed])
  }
  return sent
}
