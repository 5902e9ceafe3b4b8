// What is switched on and off by --runtime-config and --feature-gates.
import { parseRuntimeConfig, RuntimeConfigError, type ServedResources } from '@keelson/api'
import { FeatureGateError, FeatureGates, FlagError } from '@keelson/component'

/** Which resources there are: `apps/v1=false`. Throws FlagError. */
export function served(runtimeConfig: readonly string[]): ServedResources {
  try {
    return parseRuntimeConfig(runtimeConfig)
  } catch (error) {
    throw error instanceof RuntimeConfigError ? new FlagError(error.message) : error
  }
}

/** `WatchList=false`. Throws FlagError. */
export function featureGates(entries: readonly string[]): FeatureGates {
  try {
    return FeatureGates.parse(entries)
  } catch (error) {
    throw error instanceof FeatureGateError ? new FlagError(error.message) : error
  }
}
