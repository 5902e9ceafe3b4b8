// The `haproxy` tagged template: values go into a configuration as words, so that none of them can start a new directive.

/** A list is repeated: one line each, with the indentation of the place where it stands. */
export type HaproxyValue = string | number | HaproxyLines
/** Lines that the same tag has made. */
export type HaproxyLines = readonly HaproxyLine[]
export type HaproxyLine = string & { readonly __haproxyLine: unique symbol }

/** One directive. */
export function line(strings: TemplateStringsArray, ...values: readonly (string | number)[]): HaproxyLine {
  return String.raw({ raw: strings }, ...values.map(word)) as HaproxyLine // The only place that makes one.
}

/** A whole configuration, without the common indentation of the template. */
export function haproxy(strings: TemplateStringsArray, ...values: readonly HaproxyValue[]): string {
  const rendered = strings.map((before, index) => {
    const value = values[index]
    if (value === undefined) return before
    if (typeof value !== 'object') return before + word(value)
    const indentation = before.slice(before.lastIndexOf('\n') + 1)
    return before + value.join(`\n${indentation}`)
  })
  const text = rendered.join('')
  const margin = Math.min(...[...text.matchAll(/^( *)\S/gm)].map((match) => match[1]?.length ?? 0))
  const lines = text.split('\n').map((each) => each.slice(margin).trimEnd())
  return `${lines.join('\n').trim()}\n`
}

/** HAProxy's quoting (management guide §2.2 "Quoting and escaping"): inside '…' everything but the quote is literal. */
function word(value: string | number): string {
  const text = String(value)
  // eslint-disable-next-line no-control-regex -- control characters are what must not get in
  if (text === '' || /[\x00-\x1f']/.test(text))
    throw new Error(`cannot be written into an HAProxy configuration: ${JSON.stringify(text)}`)
  return /^[\w./:@*+,=-]+$/.test(text) ? text : `'${text}'`
}
