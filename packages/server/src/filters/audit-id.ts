// Gives every request an id that the client sees too: the one it sent, else a new one. Also what every answer says of caches.
import { randomUUID } from 'node:crypto'
import type { Middleware } from '../context.ts'

const MAX_CLIENT_ID_LENGTH = 64

export const auditId: Middleware = (context, next) => {
  const sent = context.headers['audit-id']
  const usable =
    typeof sent === 'string' && sent !== '' && sent.length <= MAX_CLIENT_ID_LENGTH && /^[\x21-\x7e]+$/.test(sent)
  context.auditId = usable ? sent : randomUUID()
  context.setHeader('audit-id', context.auditId)
  context.setHeader('cache-control', 'no-cache, private')
  return next()
}
