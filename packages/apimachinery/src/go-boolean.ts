// Booleans as Go's strconv.ParseBool reads them: flags and query parameters of upstream.

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text): [string, boolean] => [text, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text): [string, boolean] => [text, false]),
])

/** undefined: not one. */
export function parseGoBoolean(text: string): boolean | undefined {
  return BOOLEANS.get(text)
}

/** What Go says of a text that is not one. */
export const goBooleanError = (text: string): string =>
  `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`
