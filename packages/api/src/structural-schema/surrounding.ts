// The object around a default: what metadata means is only known of a whole resource, so one is made with nothing else in it.
import { type JsonObject, type JsonValue, isJsonObject } from '@keelson/apimachinery'

/** The way from the resource to the default: names of members, and '' for a place in a list. */
export interface Surroundings {
  readonly outer: Surroundings | undefined
  readonly step: string | undefined
}

export const ROOT: Surroundings = { outer: undefined, step: undefined }
export const inMember = (outer: Surroundings, step: string): Surroundings => ({ outer, step })
export const inList = (outer: Surroundings): Surroundings => ({ outer, step: undefined })

/** Undefined where a resource would be no object. */
export function surround(place: Surroundings, value: JsonValue): JsonObject | undefined {
  let around = value
  for (let at = place; at.outer !== undefined; at = at.outer)
    around = at.step === undefined ? [around] : { [at.step]: around }
  return isJsonObject(around) ? around : undefined
}

/** What stands at the place now; undefined when it is gone. */
export function find(place: Surroundings, resource: JsonObject): JsonValue | undefined {
  if (place.outer === undefined) return resource
  const around = find(place.outer, resource)
  if (place.step === undefined) return Array.isArray(around) ? around[0] : undefined
  return isJsonObject(around) && Object.hasOwn(around, place.step) ? around[place.step] : undefined
}
