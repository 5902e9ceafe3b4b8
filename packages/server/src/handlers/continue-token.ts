// Continue tokens in upstream's format: unpadded base64url of {"v":"meta.k8s.io/v1","rv":N,"start":"KEY\u0000"}, the key
// relative to the list's prefix. A token of one server is good at any other, upstream's included.
import { badRequest } from '@keelson/apimachinery'

export interface ContinueToken {
  /** The revision of the first page; undefined (-1 in the token): go on at the newest, an inconsistent list. */
  readonly revision: number | undefined
  /** The last key that was sent, without the list's prefix: `namespace/name` or `name`. */
  readonly after: string
}

const VERSION = 'meta.k8s.io/v1'

export function encodeContinueToken({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: revision ?? -1, start: `${after}\0` })).toString('base64url')
}

/** StatusError 400 for what is no token. */
export function decodeContinueToken(text: string): ContinueToken {
  const illegal = illegalByte(text)
  if (illegal !== undefined) throw invalidToken(`illegal base64 data at input byte ${illegal}`)
  let token: unknown
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch (error) {
    throw invalidToken(error instanceof Error ? error.message : String(error))
  }
  if (typeof token !== 'object' || token === null) throw invalidToken('the token is not an object')
  const { v, rv, start }: { v?: unknown; rv?: unknown; start?: unknown } = token
  if (v !== VERSION) throw invalidToken(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`)
  if (rv === undefined || rv === 0) throw invalidToken(`incorrect encoded start resourceVersion (version ${VERSION})`)
  if (!Number.isSafeInteger(rv)) throw invalidToken('json: cannot unmarshal the start resourceVersion')
  if (typeof start !== 'string' || start === '') throw invalidToken(`encoded start key empty (version ${VERSION})`)
  const after = start.endsWith('\0') ? start.slice(0, -1) : start
  if (after.split('/').some((part) => part === '' || part === '.' || part === '..')) throw invalidToken(start)
  // Checked to be an integer above.
  return { revision: (rv as number) < 0 ? undefined : (rv as number), after }
}

const invalidToken = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`)

/** Where Go's decoder would stop: at the first character that is none of the alphabet's, or at a last one that is too few. */
function illegalByte(text: string): number | undefined {
  const position = text.search(/[^A-Za-z0-9_-]/)
  if (position >= 0) return position
  return text.length % 4 === 1 ? text.length - 1 : undefined
}
