// Whether a text is a JSON object, told in the words of Go's decoder: the few ways in which hand-made secrets go wrong.

/** Undefined: it is an object (or null). */
export function jsonSyntaxError(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
  } catch {
    return describe(text)
  }
}

const SCALAR = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|"[^"\\]*")/
const WHITESPACE = ' \t\r\n'

function describe(text: string): string {
  let index = 0
  while (index < text.length && WHITESPACE.includes(text[index] ?? '')) index++
  const first = text[index]
  if (first === undefined) return 'unexpected end of JSON input'
  for (const word of ['true', 'false', 'null']) {
    if (first !== word[0]) continue
    for (let offset = 1; offset < word.length; offset++) {
      const found = text[index + offset]
      if (found === undefined) return 'unexpected end of JSON input'
      if (found !== word[offset]) return `invalid character '${found}' in literal ${word} (expecting '${word[offset]}')`
    }
  }
  if (!'{["-0123456789tfn'.includes(first)) return `invalid character '${first}' looking for beginning of value`
  if (first === '{') return describeObject(text, index + 1)
  const scalar = SCALAR.exec(text.slice(index))?.[0] ?? ''
  const after = scalar === '' ? '' : text.slice(index + scalar.length).trimStart()
  return after === '' ? 'unexpected end of JSON input' : `invalid character '${after[0]}' after top-level value`
}

function describeObject(text: string, start: number): string {
  let index = start
  while (index < text.length && WHITESPACE.includes(text[index] ?? '')) index++
  const found = text[index]
  if (found !== undefined && found !== '"')
    return `invalid character '${found}' looking for beginning of object key string`
  return 'unexpected end of JSON input'
}
