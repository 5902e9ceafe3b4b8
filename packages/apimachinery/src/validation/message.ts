// The sentences that format rules share (apimachinery/util/validation, api/validate/content).

export const maxLengthMessage = (characters: number): string => `must be no more than ${characters} characters`
export const maxBytesMessage = (bytes: number): string => `must be no more than ${bytes} bytes`
export const EMPTY_MESSAGE = 'must be non-empty'
export const inclusiveRangeMessage = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`

/** `examples` are quoted; `pattern` is printed as it is known to upstream's users. */
export function patternMessage(sentence: string, pattern: string, ...examples: string[]): string {
  const regex = `regex used for validation is '${pattern}')`
  if (examples.length === 0) return `${sentence} (${regex}`
  return `${sentence} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}${regex}`
}

export const byteLength = (text: string): number => Buffer.byteLength(text)
