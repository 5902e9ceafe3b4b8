// Field selectors: `metadata.name=a,spec.nodeName!=b`. Only `=`, `==` and `!=`; values may escape `\`, `,` and `=` with a
// backslash. Which fields a kind knows is the caller's to check (requirements).
import { compareBytes } from '../go-text.ts'
import type { FieldRequirement, FieldSelector } from '../selector.ts'
import { badRequest } from '../status.ts'
import { MAX_REQUIREMENTS, MAX_SELECTOR_LENGTH } from './label.ts'

/** Parses the text form. StatusError 400 with upstream's message. */
export function parseFieldSelector(text: string): FieldSelector {
  if (text === '') return everyField()
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw badRequest(`field selector is too long: ${text.length} characters, at most ${MAX_SELECTOR_LENGTH}`)
  }
  const terms = splitTerms(text).sort(compareBytes)
  if (terms.length > MAX_REQUIREMENTS)
    throw badRequest(`field selector has too many requirements: at most ${MAX_REQUIREMENTS}`)
  const requirements: FieldRequirement[] = []
  for (const term of terms) {
    if (term === '') continue
    const match = /!=|==|=/.exec(term)
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`)
    const field = term.slice(0, match.index)
    const value = unescapeValue(term.slice(match.index + match[0].length))
    // Upstream takes `=` alone for no requirement.
    if (field !== '' || value !== '') requirements.push({ field, operator: match[0] === '!=' ? '!=' : '=', value })
  }
  return fieldSelectorOf(requirements)
}

export function fieldSelectorOf(requirements: readonly FieldRequirement[]): FieldSelector {
  return requirements.length === 0 ? everyField() : new Requirements(requirements)
}

/** Splits at commas that no backslash protects. */
function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === ',') {
      terms.push(text.slice(start, index))
      start = index + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function unescapeValue(text: string): string {
  if (!/[\\,=]/.test(text)) return text
  let value = ''
  const characters = [...text]
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index]!
    if (character === '\\') {
      const escaped = characters[++index] ?? ''
      if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`)
      }
      value += escaped
    } else if (character === ',' || character === '=') {
      // Upstream prints the number of the character.
      throw badRequest(`invalid field selector: unescaped character in value: ${character.codePointAt(0)}`)
    } else value += character
  }
  return value
}

const escapeValue = (value: string): string => value.replace(/[\\,=]/g, '\\$&')

class Everything implements FieldSelector {
  readonly requirements: readonly FieldRequirement[] = []
  readonly matchesEverything = true
  matches(): boolean {
    return true
  }
  requiresExactMatch(): undefined {
    return undefined
  }
  toString(): string {
    return ''
  }
}

const EVERYTHING: FieldSelector = new Everything()
export const everyField = (): FieldSelector => EVERYTHING

class Requirements implements FieldSelector {
  readonly requirements: readonly FieldRequirement[]
  readonly matchesEverything = false
  readonly #text: string

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements
    this.#text = requirements.map(({ field, operator, value }) => `${field}${operator}${escapeValue(value)}`).join(',')
  }

  matches(get: (field: string) => string): boolean {
    for (let index = 0; index < this.requirements.length; index++) {
      const requirement = this.requirements[index]!
      if ((get(requirement.field) === requirement.value) !== (requirement.operator === '=')) return false
    }
    return true
  }

  requiresExactMatch(field: string): string | undefined {
    for (const requirement of this.requirements) {
      if (requirement.field === field && requirement.operator === '=') return requirement.value
    }
    return undefined
  }

  toString(): string {
    return this.#text
  }
}
