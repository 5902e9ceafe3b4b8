// Blocks of PEM (RFC 7468), as Go's encoding/pem finds them: what is no block is passed over.

export interface PemBlock {
  readonly type: string
  readonly hasHeaders: boolean
  readonly bytes: Buffer
}

const BLOCK = /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----[ \t]*(?:\r?\n|$)/g
const HEADER = /^[^\n:]*:[^\n]*(?:\n|$)/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  BLOCK.lastIndex = 0
  for (let match = BLOCK.exec(text); match !== null; match = BLOCK.exec(text)) {
    const [, type = '', body = ''] = match
    let rest = body
    while (HEADER.test(rest)) rest = rest.replace(HEADER, '')
    const base64 = rest.replaceAll(/[\r\n\t ]/g, '')
    // A body may be empty; after a body the end stands on a line of its own.
    const isBlock = BASE64.test(base64) && base64.length % 4 === 0 && (body === '' || body.endsWith('\n'))
    if (isBlock) blocks.push({ type, hasHeaders: rest !== body, bytes: Buffer.from(base64, 'base64') })
    // The line break that ends a block may begin the next one.
    BLOCK.lastIndex = isBlock ? BLOCK.lastIndex - 1 : match.index + 1
  }
  return blocks
}
