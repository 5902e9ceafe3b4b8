// Reads the doc comments of one generated TypeScript declaration: what a type is, and what each of its fields is.

/** The type's own description under '', those of its fields under their names in JSON. */
export type Prose = Record<string, string>

// A field of the type itself is indented by four spaces; those of objects inside it by more.
const TYPE = /^\/\*\*\n((?: \*(?!\/).*\n)+) \*\/\nexport (?:interface|type) /m
const FIELD = /^ {4}\/\*\*\n((?: {5}\*(?!\/).*\n)+) {5}\*\/\n {4}"([^"]+)"\??:/gm

export function readComments(declaration: string): Prose {
  const prose: Prose = {}
  const ofType = TYPE.exec(declaration)?.[1]
  if (ofType !== undefined) prose[''] = plainText(ofType)
  for (const [, comment = '', field = ''] of declaration.matchAll(FIELD)) prose[field] = plainText(comment)
  return prose
}

/** Without the stars at the margin, the backslashes that keep the comment's end out, and the generator's own tag. */
const plainText = (comment: string): string =>
  comment
    .replaceAll(/^ *\* ?/gm, '')
    .replaceAll(/\\([*/])/g, '$1')
    .replace(/(?:\n@deprecated)?\n$/, '')
