// Numbers whose last digit proves the others.

const CREDIT_CARD =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/

/** The digits of the text, whatever stands between them, by Luhn's sum. */
export function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/[^0-9]+/g, '')
  if (!CREDIT_CARD.test(digits)) return false
  let sum = 0
  for (const [index, digit] of [...digits].toReversed().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    sum += value >= 10 ? (value % 10) + 1 : value
  }
  return sum % 10 === 0
}

const SEPARATORS = /[ \t\n\f\r-]+/g

export function isISBN10(text: string): boolean {
  const digits = text.replaceAll(SEPARATORS, '')
  if (!/^[0-9]{9}[0-9X]$/.test(digits)) return false
  let sum = 0
  for (const [index, digit] of [...digits].entries()) sum += (index + 1) * (digit === 'X' ? 10 : Number(digit))
  return sum % 11 === 0
}

export function isISBN13(text: string): boolean {
  const digits = text.replaceAll(SEPARATORS, '')
  if (!/^[0-9]{13}$/.test(digits)) return false
  let sum = 0
  for (const [index, digit] of [...digits].entries()) sum += (index % 2 === 0 ? 1 : 3) * Number(digit)
  return sum % 10 === 0
}
