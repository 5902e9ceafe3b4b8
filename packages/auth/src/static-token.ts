// Authentication by a token file: lines of `token,user,uid[,"group,group"]`, upstream's --token-auth-file.
import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ABSENT, authenticated, type Authenticator, REFUSED, withAuthenticatedGroup } from './authenticator.ts'
import type { AuthenticatedUser } from './user.ts'

/** Throws when the file cannot be read or a line cannot be understood; the message names the line, never the token. */
export function staticTokenAuthenticator(file: string): Authenticator {
  return tokenAuthenticator(parseTokenFile(readFileSync(file, 'utf8'), file))
}

/**
 * Tokens are looked up by a keyed hash that only this process can compute: how long a look-up takes says nothing about how
 * much of a guess was right.
 */
export function tokenAuthenticator(tokens: ReadonlyMap<string, AuthenticatedUser>): Authenticator {
  const key = randomBytes(32)
  const digest = (token: string): string => createHmac('sha256', key).update(token).digest('base64')
  const users = new Map([...tokens].map(([token, user]) => [digest(token), user]))
  return {
    authenticate({ authorization }) {
      const token = bearerToken(authorization)
      if (token === undefined) return ABSENT
      const user = users.get(digest(token))
      return user === undefined ? REFUSED : authenticated(user)
    },
  }
}

/** The token of `Bearer TOKEN`; any other scheme is none of ours, and an empty token is no token. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const [scheme, token] = authorization.trim().split(' ', 3)
  return scheme?.toLowerCase() === 'bearer' && token !== undefined && token !== '' ? token : undefined
}

export function parseTokenFile(text: string, file: string): Map<string, AuthenticatedUser> {
  const users = new Map<string, AuthenticatedUser>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [token = '', name = '', uid, groups = ''] = parseCsvLine(line)
    if (token === '' || name === '' || uid === undefined) {
      throw new Error(`${file}: line ${index + 1} must be token,user,uid and, when there are groups, "group,group"`)
    }
    const named = groups
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== '')
    users.set(token, { name, uid, groups: withAuthenticatedGroup(named), extra: {} })
  }
  return users
}

/** RFC 4180: fields in quotes may hold commas, and quotes written twice. */
function parseCsvLine(line: string): string[] {
  const fields: string[] = []
  const field = /\s*(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy
  for (let match = field.exec(line); match !== null; match = field.exec(line)) {
    fields.push((match[1] !== undefined ? match[1].replaceAll('""', '"') : (match[2] ?? '')).trim())
    if (match[3] === '') break
  }
  return fields
}
