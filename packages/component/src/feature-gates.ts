// --feature-gates: the gates of Kubernetes 1.36 with their stages and defaults, read from facts when asked for. An unknown gate,
// a locked one, or one whose prerequisite is off is an error in upstream's words.
import { readFileSync } from 'node:fs'
import { goBooleanError, parseGoBoolean } from '@keelson/apimachinery'

export interface FeatureGate {
  readonly stage: 'ALPHA' | 'BETA' | 'GA' | 'DEPRECATED'
  readonly default: boolean
  /** It can only be set to its default. */
  readonly locked?: boolean
  readonly dependsOn?: readonly string[]
}

/** The gates are set in a way that upstream refuses; `message` is its text. */
export class FeatureGateError extends Error {
  override readonly name = 'FeatureGateError'
}

/** Turn all gates of a stage on or off that are not named themselves. */
const STAGES: Readonly<Record<string, FeatureGate['stage']>> = { AllAlpha: 'ALPHA', AllBeta: 'BETA' }
const COMPONENT = 'kube'

let known: Readonly<Record<string, FeatureGate>> | undefined

export function knownFeatureGates(): Readonly<Record<string, FeatureGate>> {
  // Our own file; its test checks the shape.
  known ??= JSON.parse(readFileSync(new URL('../facts/feature-gates.json', import.meta.url), 'utf8')) as Readonly<
    Record<string, FeatureGate>
  >
  return known
}

export class FeatureGates {
  readonly #given: ReadonlyMap<string, boolean>

  /** Throws FeatureGateError. */
  constructor(given: ReadonlyMap<string, boolean>) {
    this.#given = given
    refuse(wrongValues(given))
    refuse(this.#missingPrerequisites())
  }

  /** `entries`: `Name=true`, or `kube:Name=true`; the last one of a name wins. Throws FeatureGateError. */
  static parse(entries: readonly string[]): FeatureGates {
    const given = new Map<string, boolean>()
    for (const entry of entries.filter((text) => text !== '')) {
      const [name, value] = nameAndValue(entry)
      given.set(name, value)
    }
    return new FeatureGates(given)
  }

  /** Throws an Error for a gate that there is not: a fault of the program. */
  enabled(name: string): boolean {
    const gate = Object.hasOwn(knownFeatureGates(), name) ? knownFeatureGates()[name] : undefined
    if (gate === undefined) throw new Error(`there is no feature gate ${name}`)
    const own = this.#given.get(name)
    if (own !== undefined) return own
    for (const [all, stage] of Object.entries(STAGES))
      if (gate.stage === stage) return this.#given.get(all) ?? gate.default
    return gate.default
  }

  /** Those that are not as they are by default. */
  get changed(): readonly string[] {
    return Object.entries(knownFeatureGates()).flatMap(([name, gate]) =>
      this.enabled(name) === gate.default ? [] : [name],
    )
  }

  #missingPrerequisites(): string[] {
    if (this.#given.size === 0) return [] // The defaults fit each other: the test says so.
    return Object.entries(knownFeatureGates()).flatMap(([name, { dependsOn = [] }]) => {
      if (dependsOn.length === 0 || !this.enabled(name)) return []
      const off = dependsOn.filter((each) => !this.enabled(each))
      return off.length === 0
        ? []
        : [`${name} is enabled, but depends on features that are disabled: [${off.join(' ')}]`]
    })
  }
}

function nameAndValue(entry: string): [name: string, value: boolean] {
  const equals = entry.indexOf('=')
  const name = withoutComponent((equals < 0 ? entry : entry.slice(0, equals)).trim())
  if (equals < 0) throw new FeatureGateError(`missing bool value for ${name}`)
  const text = entry.slice(equals + 1).trim()
  const value = parseGoBoolean(text)
  if (value === undefined) throw new FeatureGateError(`invalid value of ${name}=${text}, err: ${goBooleanError(text)}`)
  return [name, value]
}

function withoutComponent(name: string): string {
  const colon = name.indexOf(':')
  if (colon < 0) return name
  const component = name.slice(0, colon)
  if (component !== COMPONENT) throw new FeatureGateError(`component not registered: ${component}`)
  return name.slice(colon + 1)
}

function wrongValues(given: ReadonlyMap<string, boolean>): string[] {
  const errors: string[] = []
  for (const [name, value] of given) {
    if (Object.hasOwn(STAGES, name)) continue
    const gate = Object.hasOwn(knownFeatureGates(), name) ? knownFeatureGates()[name] : undefined
    // Nothing after an unknown one is looked at.
    if (gate === undefined) return [...errors, `unrecognized feature gate: ${name}`]
    if (gate.locked === true && value !== gate.default)
      errors.push(`cannot set feature gate ${name} to ${value}, feature is locked to ${gate.default}`)
  }
  return errors
}

function refuse(errors: readonly string[]): void {
  const [first] = errors
  if (first !== undefined) throw new FeatureGateError(errors.length === 1 ? first : `[${errors.join(', ')}]`)
}
