// What stands behind a backslash, and between brackets, in a regular expression of Go. Each reader begins at a place in the
// pattern and gives the place after what it has read; what is wrong is thrown.

/** `text`: the part of the pattern that Go shows. */
export class RegexpProblem extends Error {
  constructor(what: string, text: string) {
    super(`${what}: \`${text}\``)
  }
}

const BAD_RANGE = 'invalid character class range'
const BAD_ESCAPE = 'invalid escape sequence'
const MAX_CODE_POINT = 0x10_ff_ff
const POSIX_CLASSES = new Set(
  'alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit'
    .split(' ')
    .flatMap((name) => [`[:${name}:]`, `[:^${name}:]`]),
)

interface Read {
  readonly end: number
  /** The code point that it stands for. */
  readonly value: number
}

/** `\n`, `\x41`, `\x{1F600}`, `\101`, `\.` */
export function readEscape(pattern: string, start: number): Read {
  if (start + 1 >= pattern.length) throw new RegexpProblem('trailing backslash at end of expression', '')
  const character = characterAt(pattern, start + 1)
  let end = start + 1 + character.length
  const fail = (at: number): never => {
    throw new RegexpProblem(BAD_ESCAPE, pattern.slice(start, at))
  }
  if (/[0-7]/.test(character)) {
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(pattern.slice(start + 1, start + 4))?.[0] ?? fail(end)
    return { end: start + 1 + octal.length, value: Number.parseInt(octal, 8) }
  }
  if (character === 'x') return readHex(pattern, end, fail)
  const control = 'afnrtv'.indexOf(character)
  if (control >= 0) return { end, value: '\x07\f\n\r\t\v'.charCodeAt(control) }
  // Of what is no letter and no digit, the backslash says only that.
  if (!/^[\0-\x7f]$/.test(character) || /[a-zA-Z0-9]/.test(character)) return fail(end)
  return { end, value: character.charCodeAt(0) }
}

function readHex(pattern: string, start: number, fail: (at: number) => never): Read {
  if (start >= pattern.length) return fail(start)
  if (pattern[start] !== '{') {
    const [one, two] = [characterAt(pattern, start), characterAt(pattern, start + characterAt(pattern, start).length)]
    const end = start + one.length + two.length
    return isHex(one) && isHex(two) ? { end, value: Number.parseInt(one + two, 16) } : fail(end)
  }
  let value = 0
  let end = start + 1
  for (;;) {
    const digit = characterAt(pattern, end)
    end += digit.length
    if (digit === '}' && end > start + 2) return { end, value }
    if (!isHex(digit)) return fail(end)
    value = value * 16 + Number.parseInt(digit, 16)
    if (value > MAX_CODE_POINT) return fail(end)
  }
}

const isHex = (digit: string): boolean => /^[0-9a-fA-F]$/.test(digit)

export const characterAt = (pattern: string, at: number): string =>
  at >= pattern.length ? '' : String.fromCodePoint(pattern.codePointAt(at) ?? 0)

/** `\d` or `\pL` or `\p{Greek}`: the place after it; undefined where none begins. */
export function readClassEscape(pattern: string, start: number): number | undefined {
  const kind = pattern[start] === '\\' ? pattern[start + 1] : undefined
  if (kind === undefined) return undefined
  if ('dswDSW'.includes(kind)) return start + 2
  if (kind !== 'p' && kind !== 'P') return undefined
  const first = characterAt(pattern, start + 2)
  const close = pattern.indexOf('}', start)
  if (first === '{' && close < 0) throw new RegexpProblem(BAD_RANGE, pattern.slice(start))
  const end = first === '{' ? close + 1 : start + 2 + first.length
  const name = first === '{' ? pattern.slice(start + 3, close) : first
  if (!isUnicodeClass(name.replace(/^\^/, ''))) throw new RegexpProblem(BAD_RANGE, pattern.slice(start, end))
  return end
}

/** Names of two words and more: Go takes them without separators, too, and all names in any case. */
const LONG_NAMES =
  'Anatolian_Hieroglyphs Bassa_Vah Canadian_Aboriginal Cased_Letter Caucasian_Albanian Close_Punctuation Combining_Mark Connector_Punctuation Currency_Symbol Cypro_Minoan Dash_Punctuation Decimal_Number Dives_Akuru Egyptian_Hieroglyphs Enclosing_Mark Final_Punctuation Gunjala_Gondi Hanifi_Rohingya Imperial_Aramaic Initial_Punctuation Inscriptional_Pahlavi Inscriptional_Parthian Kayah_Li Khitan_Small_Script Letter_Number Line_Separator Linear_A Linear_B Lowercase_Letter Masaram_Gondi Math_Symbol Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Modifier_Letter Modifier_Symbol Nag_Mundari New_Tai_Lue Nonspacing_Mark Nyiakeng_Puachue_Hmong Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Open_Punctuation Other_Letter Other_Number Other_Punctuation Other_Symbol Pahawh_Hmong Paragraph_Separator Pau_Cin_Hau Phags_Pa Private_Use Psalter_Pahlavi Sora_Sompeng Space_Separator Spacing_Mark Syloti_Nagri Tai_Le Tai_Tham Tai_Viet Titlecase_Letter Uppercase_Letter Warang_Citi Zanabazar_Square'
/** What the engine knows by short names only. */
const CATEGORIES =
  'Cased_Letter=LC Close_Punctuation=Pe Combining_Mark=M Connector_Punctuation=Pc Control=Cc Currency_Symbol=Sc Dash_Punctuation=Pd Decimal_Number=Nd Enclosing_Mark=Me Final_Punctuation=Pf Format=Cf Initial_Punctuation=Pi Letter=L Letter_Number=Nl Line_Separator=Zl Lowercase_Letter=Ll Mark=M Math_Symbol=Sm Modifier_Letter=Lm Modifier_Symbol=Sk Nonspacing_Mark=Mn Number=N Open_Punctuation=Ps Other=C Other_Letter=Lo Other_Number=No Other_Punctuation=Po Other_Symbol=So Paragraph_Separator=Zp Private_Use=Co Punctuation=P Separator=Z Space_Separator=Zs Spacing_Mark=Mc Surrogate=Cs Symbol=S Titlecase_Letter=Lt Unassigned=Cn Uppercase_Letter=Lu cntrl=Cc digit=Nd punct=P'
let categories: ReadonlyMap<string, string> | undefined

/** As every engine knows it. */
export function shortClassName(name: string): string {
  const usual = usualClassName(name)
  categories ??= new Map(
    CATEGORIES.split(' ').map((entry): [string, string] => [entry.replace(/=.*/, ''), entry.replace(/.*=/, '')]),
  )
  return categories.get(usual) ?? usual
}

const OTHER_CLASSES = new Set(['Any', 'Assigned', 'ASCII'])
let longNames: ReadonlyMap<string, string> | undefined
const unicodeClasses = new Map<string, boolean>()
const CACHED_CLASSES = 1000

/** As Unicode writes it. */
function usualClassName(name: string): string {
  const plain = name.replaceAll(/[-_ ]/g, '').toLowerCase()
  if (plain === 'ascii' || plain === 'lc') return plain.toUpperCase()
  longNames ??= new Map(LONG_NAMES.split(' ').map((long) => [long.replaceAll('_', '').toLowerCase(), long]))
  return longNames.get(plain) ?? plain.charAt(0).toUpperCase() + plain.slice(1)
}

/** General categories and scripts, which the runtime knows by their usual names. */
function isUnicodeClass(name: string): boolean {
  const known = unicodeClasses.get(name)
  if (known !== undefined) return known
  const usual = usualClassName(name)
  const found = OTHER_CLASSES.has(usual) || isProperty(usual) || isProperty(`Script=${usual}`)
  if (unicodeClasses.size >= CACHED_CLASSES) unicodeClasses.clear()
  unicodeClasses.set(name, found)
  return found
}

function isProperty(name: string): boolean {
  if (!/^(?:Script=)?(?:LC|[A-Z][a-z]*(?:_[A-Z][a-z]*)*)$/.test(name)) return false
  try {
    return new RegExp(`\\p{${name}}`, 'u').source !== ''
  } catch {
    return false
  }
}

/** `[a-z\d[:alpha:]]`: the place after it. */
export function readClass(pattern: string, start: number): number {
  let at = start + (pattern[start + 1] === '^' ? 2 : 1)
  for (let isFirst = true; isFirst || pattern[at] !== ']'; isFirst = false) at = readClassItem(pattern, start, at)
  return at + 1
}

function readClassItem(pattern: string, start: number, at: number): number {
  if (pattern.startsWith('[:', at)) {
    const close = pattern.indexOf(':]', at + 2)
    if (close >= 0) {
      const name = pattern.slice(at, close + 2)
      if (!POSIX_CLASSES.has(name)) throw new RegexpProblem(BAD_RANGE, name)
      return close + 2
    }
  }
  const escape = readClassEscape(pattern, at)
  if (escape !== undefined) return escape
  const low = readClassCharacter(pattern, start, at)
  if (pattern[low.end] !== '-' || low.end + 1 >= pattern.length || pattern[low.end + 1] === ']') return low.end
  const high = readClassCharacter(pattern, start, low.end + 1)
  if (high.value < low.value) throw new RegexpProblem(BAD_RANGE, pattern.slice(at, high.end))
  return high.end
}

function readClassCharacter(pattern: string, start: number, at: number): Read {
  if (at >= pattern.length) throw new RegexpProblem('missing closing ]', pattern.slice(start))
  if (pattern[at] === '\\') return readEscape(pattern, at)
  const character = characterAt(pattern, at)
  return { end: at + character.length, value: character.codePointAt(0) ?? 0 }
}
