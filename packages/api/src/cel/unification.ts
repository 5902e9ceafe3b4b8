// Whether one type can stand for another, and what the parameters of both have to be for it.
import {
  accepts,
  DYN,
  first,
  formatType,
  isDyn,
  isDynOrError,
  isSameType,
  listOf,
  mapOf,
  NULL,
  opaque,
  second,
  type Type,
  typeOf,
} from './types.ts'

const NULLABLE: ReadonlySet<string> = new Set(['opaque', 'struct', 'any', 'duration', 'timestamp'])

/** What is known of the parameters, by name. A failed attempt leaves nothing behind. */
export class Substitutions {
  readonly #types = new Map<string, Type>()
  /** What to put back when an attempt fails. */
  #undo: [name: string, before: Type | undefined][] = []

  find(type: Type): Type | undefined {
    return type.kind === 'parameter' ? this.#types.get(type.name) : undefined
  }

  isAssignable(one: Type, other: Type): boolean {
    return this.#attempt(() => this.#assign(one, other))
  }

  areAssignable(some: readonly Type[], others: readonly Type[]): boolean {
    return this.#attempt(() => this.#assignAll(some, others))
  }

  /** With the parameters that are known replaced; the rest becomes dyn if `toDyn`. */
  apply(type: Type, toDyn = false): Type {
    const found = this.find(type)
    if (found !== undefined) return this.apply(found, toDyn)
    switch (type.kind) {
      case 'parameter':
        return toDyn ? DYN : type
      case 'opaque':
        return type.parameters.length === 0
          ? type
          : opaque(type.name, ...type.parameters.map((part) => this.apply(part, toDyn)))
      case 'list':
        return listOf(this.apply(first(type), toDyn))
      case 'map':
        return mapOf(this.apply(first(type), toDyn), this.apply(second(type), toDyn))
      case 'type':
        return type.parameters.length === 0 ? type : typeOf(this.apply(first(type), toDyn))
      default:
        return type
    }
  }

  #attempt(assign: () => boolean): boolean {
    this.#undo = []
    if (assign()) return true
    for (const [name, before] of this.#undo.toReversed()) {
      if (before === undefined) this.#types.delete(name)
      else this.#types.set(name, before)
    }
    return false
  }

  #set(parameter: Type, type: Type): void {
    const name = formatType(parameter)
    this.#undo.push([name, this.#types.get(name)])
    this.#types.set(name, type)
  }

  #assignAll(some: readonly Type[], others: readonly Type[]): boolean {
    return some.length === others.length && some.every((type, index) => this.#assign(type, others[index] ?? DYN))
  }

  #assign(one: Type, other: Type): boolean {
    if (other.kind === 'parameter') {
      const { isValid, wasKnown } = this.#substitute(one, other)
      if (isValid) return true
      if (wasKnown) return false
    }
    if (one.kind === 'parameter') return this.#substitute(other, one).isValid
    if (isDynOrError(one) || isDynOrError(other)) return true
    if (one.kind === 'null') return isNullable(other)
    if (other.kind === 'null') return isNullable(one)
    switch (one.kind) {
      case 'type':
        return other.kind === 'type'
      case 'opaque':
      case 'list':
      case 'map':
        return one.kind === other.kind && one.name === other.name && this.#assignAll(one.parameters, other.parameters)
      default:
        return accepts(other, one)
    }
  }

  /** Can the type stand for the parameter? */
  #substitute(type: Type, parameter: Type): { readonly isValid: boolean; readonly wasKnown: boolean } {
    if (isSameType(type, parameter)) return { isValid: true, wasKnown: true }
    const known = this.find(parameter)
    if (known !== undefined) {
      if (isSameType(type, known)) return { isValid: true, wasKnown: true }
      if (!this.#assign(type, known)) return { isValid: false, wasKnown: true }
      const general = mostGeneral(type, known)
      if (this.#isNotWithin(parameter, general)) this.#set(parameter, general)
      return { isValid: true, wasKnown: true }
    }
    if (!this.#isNotWithin(parameter, type)) return { isValid: false, wasKnown: false }
    this.#set(parameter, type)
    return { isValid: true, wasKnown: false }
  }

  /** A parameter that is part of what it stands for would have no end. */
  #isNotWithin(parameter: Type, type: Type): boolean {
    if (isSameType(parameter, type)) return false
    if (type.kind === 'parameter') {
      const known = this.find(type)
      return known === undefined || this.#isNotWithin(parameter, known)
    }
    return type.parameters.every((part) => this.#isNotWithin(parameter, part))
  }
}

const isNullable = (type: Type): boolean => NULLABLE.has(type.kind) || accepts(type, NULL)

export const mostGeneral = (one: Type, other: Type): Type => (isLessSpecific(one, other) ? one : other)

function isLessSpecific(one: Type, other: Type): boolean {
  if (isDyn(one) || one.kind === 'parameter') return true
  if (isDyn(other) || other.kind === 'parameter' || one.kind !== other.kind) return false
  switch (one.kind) {
    case 'opaque':
    case 'list':
    case 'map':
      return (
        one.name === other.name &&
        one.parameters.length === other.parameters.length &&
        one.parameters.every((part, index) => isLessSpecific(part, other.parameters[index] ?? DYN))
      )
    case 'type':
      return true
    default:
      return isSameType(one, other)
  }
}
